"""What the address of the desk's list asks for. Names and addresses of people are never in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from bezpechne.kernel.query_strings import number_of, query, text_of
from community.answers.models import Answer, Routing
from community.answers.states import OPEN, AnswerState, RoutingState
from community.desk.models import Assignment
from community.questions.models import Question

TABS = (
    "new",
    "clarification",
    "to_route",
    "with_units",
    "answers",
    "answered",
    "bouncing",
    "closed",
)
AGES = (3, 10, 30)
ME, NOBODY = "me", "nobody"
AGE_CHOICES = (("3", _("over 3 days")), ("10", _("over 10 days")), ("30", _("over 30 days")))


@dataclass(frozen=True, kw_only=True)
class Filters:
    """`found`: key of a search that the session keeps. `whose`: me, nobody or a person's number."""

    tab: str = "new"
    topic: str = ""
    unit: int = 0
    whose: str = ""
    urgent: bool = False
    age: int = 0
    found: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        """What is not understood is left out."""
        tab, age, whose = given.get("tab", ""), number_of(given, "age"), given.get("whose", "")
        person = number_of(given, "whose")
        return cls(
            tab=tab if tab in TABS else "new",
            topic=text_of(given, "topic", 20),
            unit=number_of(given, "unit"),
            whose=whose if whose in {ME, NOBODY} else str(person or ""),
            urgent=given.get("urgent") == "1",
            age=age if age in AGES else 0,
            found=text_of(given, "found", 16),
        )

    def query(self, **changes: Any) -> str:
        """`?tab=…&topic=…` for a link; blank for the first list as it comes."""
        values = asdict(replace(self, **changes)) if changes else asdict(self)
        values["urgent"] = "1" if values["urgent"] else ""
        values["tab"] = "" if values["tab"] == "new" else values["tab"]
        written = query(values)
        return "" if written == "?" else written

    @property
    def kept(self) -> str:
        """As `query`, for templates."""
        return self.query()

    @property
    def narrowing(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.topic or self.unit or self.whose or self.urgent or self.age)

    def narrow(self, rows: QuerySet[Question], person: int | None) -> QuerySet[Question]:
        """The rows that fit; `person` is who looks."""
        if self.topic:
            rows = rows.filter(topic__code=self.topic)
        if self.unit:
            rows = rows.filter(_of_unit(self.unit))
        if self.whose:
            rows = rows.filter(_whose(self.whose, person))
        if self.urgent:
            rows = rows.filter(is_urgent=True)
        if self.age:
            rows = rows.filter(created_at__lte=clock.now() - timedelta(days=self.age))
        return rows


def _of_unit(unit: int) -> Q:
    """A unit has it now, or answered it."""
    done = (*OPEN, RoutingState.DONE)
    routed = Routing.objects.filter(question=OuterRef("pk"), unit=unit, state__in=done)
    answered = Answer.objects.filter(question=OuterRef("pk"), unit=unit)
    return Q(Exists(routed)) | Q(Exists(answered.exclude(state=AnswerState.WITHDRAWN)))


def _whose(whose: str, person: int | None) -> Q:
    given = Assignment.objects.filter(question=OuterRef("pk"))
    if whose == NOBODY:
        return ~Q(Exists(given))
    wanted = person if whose == ME else int(whose)
    return Q(Exists(given.filter(person=wanted)))
