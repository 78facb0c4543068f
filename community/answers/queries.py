"""What pages read about units, routings and answers."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from bezpechne.kernel.audit.models import history_of
from community.answers import links
from community.answers.models import Answer, Routing, TopicRoute, Unit
from community.answers.states import OPEN, AnswerState
from community.questions.models import Question


def published_answer(question: Question) -> Answer | None:
    """The answer that the public reads."""
    return (
        Answer.objects.select_related("unit")
        .filter(question=question, state=AnswerState.PUBLISHED)
        .first()
    )


def answer_in_force(question: Question) -> Answer | None:
    """Submitted or published."""
    return (
        Answer.objects.select_related("unit", "routing")
        .prefetch_related("letters")
        .filter(question=question)
        .exclude(state=AnswerState.WITHDRAWN)
        .first()
    )


def open_routing(question: Question) -> Routing | None:
    return Routing.objects.select_related("unit").filter(question=question, state__in=OPEN).first()


def routings_of(question: Question) -> QuerySet[Routing]:
    """All of them, newest first."""
    return Routing.objects.select_related("unit").filter(question=question).order_by("-id")


def units_to_route() -> QuerySet[Unit]:
    """Active units with an address, the liaison first."""
    return (
        Unit.objects.filter(is_active=True)
        .exclude(email="")
        .order_by("-is_liaison", "name_sort", "id")
    )


def default_unit(question: Question) -> Unit | None:
    """The unit of the question's topic while it can be written to, else the liaison."""
    routed = TopicRoute.objects.filter(topic=question.topic_id, unit=OuterRef("pk"))
    found = Unit.objects.filter(is_active=True).annotate(chosen=Exists(routed))
    return (
        found.filter(Q(chosen=True) & ~Q(email="") | Q(is_liaison=True)).order_by("-chosen").first()
    )


def address_confirmed_at(unit: Unit) -> datetime | None:
    """When a reader of the address that the unit has now confirmed it; None for an address anew."""
    if not unit.email:
        return None
    rows = history_of(unit).filter(action="address_confirmed", new__mark=links.address_mark(unit))
    return rows.values_list("at", flat=True).last()
