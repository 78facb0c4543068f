"""The journal of the platform: found by city, action, person, days and text; paged by key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import PLATFORM_ROLES
from bezpechne.kernel import clock
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.query_strings import day_of, number_of, text_of
from provisioning.console.tables import PAGE
from provisioning.journal_words import words_of
from provisioning.models import JournalEntry

MOST_IN_CSV = 20_000


@dataclass(frozen=True)
class Choice:
    """What the address of the list asks for. `before`: entries older than this key."""

    city: str = ""
    action: str = ""
    person: int = 0
    since: date | None = None
    until: date | None = None
    text: str = ""
    before: int = 0

    @classmethod
    def of(cls, given: QueryDict) -> "Choice":
        return cls(
            city=text_of(given, "city", 40).lower(),
            action=text_of(given, "action", 60),
            person=number_of(given, "person"),
            since=day_of(given, "since"),
            until=day_of(given, "until"),
            text=text_of(given, "text"),
            before=number_of(given, "before"),
        )

    @property
    def values(self) -> dict[str, object]:
        """For links to other pages of the same list."""
        return {
            "city": self.city,
            "action": self.action,
            "person": self.person,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "text": self.text,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.KYIV)


def _within(since: date | None, until: date | None) -> Q:
    """Days of Kyiv, both included."""
    found = Q()
    if since:
        found &= Q(at__gte=_midnight(since))
    if until and until < date.max:
        found &= Q(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _worded(text: str) -> Q:
    """In the reason or the details. Under collation C the database folds Latin letters alone."""
    words = Q()
    for form in {text, text.lower(), text.capitalize()}:
        words |= Q(reason__icontains=form) | Q(detail__icontains=form)
    return words


def found(choice: Choice) -> QuerySet[JournalEntry]:
    """Newest first."""
    rows = JournalEntry.objects.filter(_within(choice.since, choice.until)).order_by("-pk")
    if choice.city:
        rows = rows.filter(slug=choice.city)
    if choice.action:
        rows = rows.filter(action=choice.action)
    if choice.person:
        rows = rows.filter(actor_kind=ActorKind.OPERATOR, actor_id=choice.person)
    if choice.text:
        rows = rows.filter(_worded(choice.text))
    return rows


@dataclass(frozen=True)
class Line:
    """An entry with the words and the name that it does not hold."""

    entry: JournalEntry
    actor: str

    @property
    def label(self) -> str:
        return words_of(self.entry.action)

    @property
    def detail(self) -> list[tuple[str, object]]:
        return [(name, value) for name, value in self.entry.detail.items() if value != ""]


def people() -> dict[int, str]:
    """Names of the platform's own people; the journal keeps their ids alone."""
    staff = User.objects.filter(role__in=PLATFORM_ROLES)
    return dict(staff.order_by("name", "pk").values_list("pk", "name"))


def lines_of(entries: Iterable[JournalEntry], names: dict[int, str]) -> Iterator[Line]:
    for entry in entries:
        yield Line(entry, names.get(entry.actor_id or 0, "") or _("the platform"))


@dataclass(frozen=True)
class Page:
    """`older` is the key to go on from, 0 on the last page."""

    lines: list[Line]
    older: int


def page_of(choice: Choice, names: dict[int, str]) -> Page:
    """One page; one query."""
    rows = found(choice)
    if choice.before:
        rows = rows.filter(pk__lt=choice.before)
    shown = list(rows[: PAGE + 1])
    older = shown[PAGE - 1].pk if len(shown) > PAGE else 0
    return Page(list(lines_of(shown[:PAGE], names)), older)


def actions() -> list[tuple[str, str]]:
    """Those that the journal holds, by their words."""
    kinds = JournalEntry.objects.values_list("action", flat=True).distinct().order_by()
    return sorted(((kind, words_of(kind)) for kind in kinds), key=lambda pair: pair[1])
