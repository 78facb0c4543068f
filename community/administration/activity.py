"""The city's history as a log: who did what, newest first, by key and never by offset."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry
from bezpechne.kernel.audit.words import words_of as named
from community.administration.activity_words import ACTORS
from community.answers.models import Unit
from community.questions.models import Topic

PAGE = 50
# Of the file: what a spreadsheet still opens quickly.
MOST_LINES = 20_000
QUESTION, UNIT, TOPIC, USER = "question", "unit", "topic", "user"
# By the filter's word: the subjects of the history that it shows.
SUBJECTS = {
    "questions": (QUESTION,),
    "units": (UNIT, "unitfile"),
    "topics": (TOPIC,),
    "people": (USER, "invitation"),
    "city": ("city", "privacynotice"),
    "hours": ("timesheet",),
}


@dataclass(frozen=True)
class Wanted:
    """Filters; None and blank are all. `who`: a kind of actor or `staff:7`. Days of Kyiv."""

    who: str = ""
    what: str = ""
    first: date | None = None
    last: date | None = None
    number: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """One entry in words. `url`: where its subject is, or blank."""

    entry: Entry
    who: str
    did: str
    subject: str
    url: str


@dataclass(frozen=True)
class Page:
    """`older`: the id to go on before, None on the last page."""

    lines: list[Line]
    older: int | None


def entries(wanted: Wanted) -> QuerySet[Entry]:
    """Newest first, along an index whatever the filters are."""
    rows = Entry.objects.order_by("-id").defer("old", "note")
    if wanted.number is not None:
        rows = rows.filter(subject=QUESTION, subject_id=wanted.number)
    elif wanted.what in SUBJECTS:
        rows = rows.filter(subject__in=SUBJECTS[wanted.what])
    kind, _colon, person = wanted.who.partition(":")
    if kind in ACTORS:
        rows = rows.filter(actor_kind=kind)
        if person:
            rows = rows.filter(actor_id=int(person))
    if wanted.first:
        rows = rows.filter(at__gte=_midnight(wanted.first))
    if wanted.last:
        rows = rows.filter(at__lt=_midnight(wanted.last + timedelta(days=1)))
    if wanted.before:
        rows = rows.filter(pk__lt=wanted.before)
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.KYIV)


def page(wanted: Wanted) -> Page:
    """Five queries, whatever the length of the history."""
    rows = list(entries(wanted)[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return Page(lines_of(rows[:PAGE]), older)


def lines_of(rows: Iterable[Entry]) -> list[Line]:
    """Names are looked up now: the history itself holds none."""
    rows = list(rows)
    names = _Names(rows)
    return [
        Line(row, names.who(row), words_of(row.action), names.subject(row), names.url(row))
        for row in rows
    ]


class _Names:
    """Of staff, units and topics; a resident has none here."""

    def __init__(self, rows: list[Entry]) -> None:
        staff = {row.actor_id for row in rows if row.actor_kind == ActorKind.STAFF}
        staff |= {row.subject_id for row in rows if row.subject == USER}
        units = {row.subject_id for row in rows if row.subject == UNIT}
        units |= {row.new.get("unit") for row in rows if row.subject == QUESTION}
        topics = {row.subject_id for row in rows if row.subject == TOPIC}
        self._staff = dict(
            User.objects.filter(pk__in=[pk for pk in staff if pk]).values_list("pk", "name")
        )
        self._units = {
            unit.pk: unit.name for unit in Unit.objects.filter(pk__in=[pk for pk in units if pk])
        }
        self._topics = {topic.pk: topic.name for topic in Topic.objects.filter(pk__in=topics)}

    def who(self, row: Entry) -> str:
        """The name of one of the staff, else what kind of actor it was."""
        if row.actor_kind == ActorKind.STAFF:
            return self._staff.get(row.actor_id or 0) or str(ACTORS[ActorKind.STAFF])
        if row.actor_kind == ActorKind.UNIT:
            unit = row.subject_id if row.subject == UNIT else row.new.get("unit")
            return self._units.get(unit or 0) or str(ACTORS[ActorKind.UNIT])
        return str(ACTORS.get(row.actor_kind, row.actor_kind))

    def subject(self, row: Entry) -> str:
        if row.subject == QUESTION:
            told = _("question № %(number)d") % {"number": row.subject_id}
            unit = self._units.get(row.new.get("unit") or 0)
            return f"{told} · {unit}" if unit and row.actor_kind != ActorKind.UNIT else told
        if row.subject == UNIT:
            return self._units.get(row.subject_id, "")
        if row.subject == TOPIC:
            return self._topics.get(row.subject_id, "")
        if row.subject == USER:
            return self._staff.get(row.subject_id, "")
        return ""

    @staticmethod
    def url(row: Entry) -> str:
        if row.subject == QUESTION:
            return reverse("desk:item", args=[row.subject_id])
        if row.subject == UNIT:
            return reverse("desk:edit_unit", args=[row.subject_id])
        return ""


def words_of(action: str) -> str:
    """«Published on the map»; questions have the words of their own history."""
    return named(action) or _question_words(action, get_language() or "uk")


@cache
def _question_words(action: str, language: str) -> str:
    shown = render_to_string("desk/_history_action.html", {"entry": {"action": action}})
    return " ".join(shown.split())


def people() -> list[tuple[str, str]]:
    """Staff, gone ones too, for the filter."""
    rows = User.objects.order_by("-is_active", "name", "pk").values_list("pk", "name")
    return [(f"{ActorKind.STAFF}:{pk}", name or f"№ {pk}") for pk, name in rows]
