"""Sending a question to a unit, and what the unit does with its link."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, throttle
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import history_of, record
from community.answers import links
from community.answers.models import Answer, Draft, Routing, Unit
from community.answers.states import (
    ALLOWED_ANSWER,
    ALLOWED_ROUTING,
    OPEN,
    AnswerState,
    RoutingState,
)
from community.questions import events
from community.questions.actions.moderating import take_on
from community.questions.actions.moving import locked
from community.questions.models import Question
from community.questions.states import MODERATED, StateChangeRefused

LINK_DAYS = 30
# How often one dead link may ask the desk for a fresh one.
WISHES, WISHES_IN = 3, timedelta(days=1)


def locked_routing(routing: Routing) -> Routing:
    """The routing as it is now, its question held first: everybody locks in this order."""
    locked(routing.question)
    return (
        Routing.objects.select_for_update(of=("self",))
        .select_related("question", "question__topic", "unit")
        .get(pk=routing.pk)
    )


def move_routing(routing: Routing, to: RoutingState, **changes: object) -> None:
    """The one place where a routing changes its state. Raises StateChangeRefused."""
    if to not in ALLOWED_ROUTING[routing.state]:
        raise StateChangeRefused(
            _("This cannot be done now: the routing is “%(state)s”. The page was out of date.")
            % {"state": routing.get_state_display()}
        )
    routing.state = to
    for field, value in changes.items():
        setattr(routing, field, value)
    routing.save()
    if not routing.is_open:
        drop_draft(routing)


def drop_draft(routing: Routing) -> None:
    """What was being written is of no use to anybody else."""
    Draft.objects.filter(routing=routing).delete()


def move_answer(answer: Answer, to: AnswerState, **changes: object) -> None:
    """The one place where an answer changes its state. Raises StateChangeRefused."""
    if to not in ALLOWED_ANSWER[answer.state]:
        raise StateChangeRefused(_("This answer is published or taken back already."))
    answer.state = to
    for field, value in changes.items():
        setattr(answer, field, value)
    answer.save()


@transaction.atomic
def route(*, by: Actor, question: Question, unit: Unit, note: str = "") -> Routing:
    """Sends a question to a unit; the link of the unit that had it dies.

    A published one, or a private one, which its first unit gets straight from moderation.
    """
    by.require(Permission.MODERATE)
    question = locked(question)
    taken_on = take_on_private(by=by, question=question)
    if not question.is_waiting:
        raise StateChangeRefused(_("Only a published question without an answer can be routed."))
    if not unit.is_active or not unit.email:
        raise StateChangeRefused(_("This unit has no e-mail or is not active."))
    current = question.routings.filter(state__in=OPEN).first()
    if current and current.unit_id == unit.pk and not current.expired and not taken_on:
        raise StateChangeRefused(_("The question is with this unit already."))
    if current:
        end_for_another(by, current, _("Sent to another unit."))
    routing = Routing.objects.create(
        question=question,
        unit=unit,
        note=note,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=LINK_DAYS),
    )
    links.stamp(routing)
    routing.save(update_fields=["token_hash"])
    record(by=by, subject=question, action="routed", new={"unit": unit.pk}, note=note)
    events.tell("routed", routing=routing)
    return routing


def take_on_private(*, by: Actor, question: Question) -> bool:
    """Takes a private question out of moderation; False for any other, which stays as it is."""
    if not question.is_private or question.state not in MODERATED:
        return False
    take_on(by=by, question=question)
    return True


def end_for_another(by: Actor, routing: Routing, reason: str) -> None:
    """Kills the link of a unit that no longer has the question, and tells the unit."""
    for answer in routing.answers.filter(state=AnswerState.SUBMITTED):
        move_answer(answer, AnswerState.WITHDRAWN)
    move_routing(routing, RoutingState.WITHDRAWN, ended_at=clock.now(), end_reason=reason)
    record(
        by=by,
        subject=routing.question,
        action="routing_withdrawn",
        old={"unit": routing.unit_id},
        note=reason,
    )
    events.tell("routing_withdrawn", routing=routing)


@transaction.atomic
def withdraw(*, by: Actor, routing: Routing, reason: str) -> None:
    """Takes a mis-sent question back; the unit is told and its link dies."""
    by.require(Permission.MODERATE)
    end_for_another(by, locked_routing(routing), reason)


@transaction.atomic
def renew_link(*, by: Actor, routing: Routing) -> None:
    """Sends the letter again with a fresh link; the old link and those of colleagues die."""
    by.require(Permission.MODERATE)
    routing = locked_routing(routing)
    if not routing.is_open:
        raise StateChangeRefused(_("This routing is no longer open."))
    routing.version += 1
    routing.expires_at = clock.now() + timedelta(days=LINK_DAYS)
    routing.link_wanted_at = None
    links.stamp(routing)
    routing.save()
    end_passes(routing)
    record(by=by, subject=routing.question, action="link_renewed", new={"unit": routing.unit_id})
    events.tell("routed", routing=routing)


def end_passes(routing: Routing, since: int = 0) -> None:
    """Links of colleagues die, from the pass `since` on; who has the question now is told."""
    held = links.holder(routing)
    rows = routing.passes.filter(taken_back_at=None, pk__gte=since)
    rows.update(taken_back_at=clock.now())
    if held:
        events.tell("pass_withdrawn", routing=routing, passed=held)


def by_link(routing: Routing, door: links.Door | None = None) -> tuple[Routing, links.Door]:
    """The routing held, and the link, if it may still act. Raises StateChangeRefused.

    Without `door`, the link of the routing's own letter.
    """
    routing = locked_routing(routing)
    # Looked up anew under the lock: it may have been taken back since the page was opened.
    door = links.find(door.text) if door else links.own_door(routing)
    if door is None or not links.opens(door):
        raise StateChangeRefused(_("This link no longer works."))
    if not links.acts(door):
        raise StateChangeRefused(_("The question was passed on to a colleague. You can read it."))
    return routing, door


@transaction.atomic
def mark_opened(*, routing: Routing, door: links.Door | None = None) -> None:
    """The page was opened by a browser; a mail scanner's GET does not get here.

    A colleague's link and a link of another letter are noted once each, too.
    """
    routing, door = by_link(routing, door)
    first = routing.opened_at is None
    if first:
        routing.opened_at = clock.now()
        routing.save(update_fields=["opened_at"])
    elif not door.trace or _noted(routing, door):
        return
    record(by=door.actor, subject=routing.question, action="link_opened", new=door.trace)


def _noted(routing: Routing, door: links.Door) -> bool:
    seen = history_of(routing.question).filter(action="link_opened", new__contains=door.trace)
    return seen.filter(actor_id=door.actor.id).exists()


@transaction.atomic
def accept(*, routing: Routing, door: links.Door | None = None) -> None:
    """The unit takes the question to work."""
    routing, door = by_link(routing, door)
    moment = clock.now()
    move_routing(
        routing,
        RoutingState.ACCEPTED,
        accepted_at=moment,
        opened_at=routing.opened_at or moment,
    )
    record(
        by=door.actor,
        subject=routing.question,
        action="accepted",
        new={"unit": routing.unit_id, **door.trace},
    )


@transaction.atomic
def pass_back(*, routing: Routing, reason: str, door: links.Door | None = None) -> None:
    """«Не наша компетенція»: back to the desk with a reason; the link dies."""
    routing, door = by_link(routing, door)
    if Answer.objects.filter(routing=routing, state=AnswerState.SUBMITTED).exists():
        raise StateChangeRefused(_("An answer was sent already. Ask the desk to send it back."))
    moment = clock.now()
    move_routing(
        routing,
        RoutingState.PASSED_BACK,
        ended_at=moment,
        end_reason=reason,
        opened_at=routing.opened_at or moment,
    )
    record(
        by=door.actor,
        subject=routing.question,
        action="passed_back",
        old={"unit": routing.unit_id},
        new=door.trace,
        note=reason,
    )


def may_want_link(routing: Routing) -> bool:
    """Its time is over, and the question still waits for the unit."""
    return routing.is_open and routing.expired and routing.question.is_live


@transaction.atomic
def want_link(*, door: links.Door) -> None:
    """The holder of an expired link asks the desk for a fresh one. Raises StateChangeRefused."""
    routing = locked_routing(door.letter)
    if not may_want_link(routing):
        raise StateChangeRefused(_("This link needs no replacement."))
    if not throttle.allow("unit_link", str(routing.pk), limit=WISHES, window=WISHES_IN):
        raise StateChangeRefused(_("The moderator has your request already. Please call the desk."))
    routing.link_wanted_at = clock.now()
    routing.save(update_fields=["link_wanted_at"])
    record(
        by=door.actor,
        subject=routing.question,
        action="link_wanted",
        new={"unit": routing.unit_id, **door.trace},
    )
