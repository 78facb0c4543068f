"""The journal of one city in plain words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bezpechne.accounts.models import User
from bezpechne.kernel.actors import ActorKind
from provisioning.journal_words import words_of
from provisioning.models import JournalEntry
from tenants.models import City

PAGE = 20
# How the day of an entry is told, where it is not the day of what the words name.
_DAYS: dict[str, str | Promise] = {
    "trial_started": gettext_lazy(", its last day: %(day)s"),
    "deletion_scheduled": gettext_lazy(", possible from: %(day)s"),
}


@dataclass(frozen=True)
class Line:
    """One row of the history; `who` is blank when nobody did it."""

    at: datetime
    words: str
    who: str
    reason: str


def _words(entry: JournalEntry) -> str:
    words = words_of(entry.action)
    day = entry.detail.get("until") or entry.detail.get("on") or entry.detail.get("launch_on")
    if isinstance(day, str) and day:
        words += _DAYS.get(entry.action, ": %(day)s") % {"day": _told(day)}
    if entry.action == "trial_reminded":
        days = int(entry.detail["days"])
        words += ngettext(", %(days)s day before", ", %(days)s days before", days) % {"days": days}
    return words


def _told(day: str) -> str:
    """A day, or a moment such as the end of an operator's hour in the city."""
    moment = datetime.fromisoformat(day)
    if moment.tzinfo is None:
        return date_format(moment, "DATE_FORMAT")
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def lines(city: City, before: int | None) -> tuple[list[Line], int | None]:
    """A page of the history, newest first, and the key of the next one; two queries."""
    entries = JournalEntry.objects.filter(city_id=city.pk).order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    page = list(entries[: PAGE + 1])
    more = page[PAGE - 1].pk if len(page) > PAGE else None
    page = page[:PAGE]
    wanted = {
        entry.actor_id
        for entry in page
        if entry.actor_kind == ActorKind.OPERATOR and entry.actor_id is not None
    }
    names = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))

    def who(entry: JournalEntry) -> str:
        if entry.actor_kind == ActorKind.SYSTEM:
            return _("by itself")
        if entry.actor_id is None:
            return _("command line")
        return names.get(entry.actor_id, _("a former operator"))

    return [Line(entry.at, _words(entry), who(entry), entry.reason) for entry in page], more
