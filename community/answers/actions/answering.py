"""The answer: sent by the unit or entered by the desk, published, corrected, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.seen import ChangedMeanwhile
from bezpechne.kernel.stored import StorageUnavailable
from community.answers.actions.rating import settle_reopening
from community.answers.actions.routing import (
    LINK_DAYS,
    by_link,
    drop_draft,
    end_for_another,
    move_answer,
    move_routing,
    take_on_private,
)
from community.answers.letters import Scan
from community.answers.links import Door
from community.answers.models import Answer, Letter, Routing, Unit
from community.answers.states import OPEN, AnswerState, Channel, RoutingState
from community.questions import events
from community.questions.actions.moderating import mark_answered, mark_waiting
from community.questions.actions.moving import locked
from community.questions.models import Question
from community.questions.states import StateChangeRefused

MAX_LETTERS = 5


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an answer says: the text, who is competent, what happens next."""

    text: str
    competence: str
    next_step: str


def _store(answer: Answer, words: Words, scans: Sequence[Scan]) -> None:
    answer.text, answer.competence, answer.next_step = words.text, words.competence, words.next_step
    answer.changed_at = clock.now()
    answer.save()
    if answer.letters.count() + len(scans) > MAX_LETTERS:
        raise StateChangeRefused(_("Up to 5 letters can be attached to an answer."))
    for scan in scans:
        letter = Letter(answer=answer, name=scan.name, media_type=scan.media_type, size=scan.size)
        try:
            letter.file.save("letter", File(scan.file), save=False)
        except StorageUnavailable as error:
            raise StateChangeRefused(
                _(
                    "Letters cannot be stored right now. Your text is kept below: attach them again"
                    " in a few minutes, or send the answer without them."
                )
            ) from error
        letter.save()


@transaction.atomic
def submit(
    *, routing: Routing, words: Words, scans: Sequence[Scan] = (), door: Door | None = None
) -> Answer:
    """The unit's answer, or its correction while the desk has not published it.

    A new answer sends the unit its receipt, a correction does not.
    """
    routing, door = by_link(routing, door)
    if not routing.question.is_waiting:
        raise StateChangeRefused(
            _("The resident has the answer. Write to the desk to change it.")
            if routing.question.is_private
            else _("The answer is published. Write to the desk to change it.")
        )
    answer = Answer.objects.filter(routing=routing, state=AnswerState.SUBMITTED).first()
    action = "answer_changed" if answer else "answer_submitted"
    if answer is None:
        _end_other(routing.question)
        answer = Answer(
            question=routing.question, unit=routing.unit, routing=routing, created_at=clock.now()
        )
    _store(answer, words, scans)
    moment = clock.now()
    if routing.state != RoutingState.ACCEPTED:
        move_routing(
            routing,
            RoutingState.ACCEPTED,
            accepted_at=moment,
            opened_at=routing.opened_at or moment,
        )
    drop_draft(routing)
    record(
        by=door.actor,
        subject=routing.question,
        action=action,
        new={"unit": routing.unit_id, "letters": len(scans), **door.trace},
    )
    if action == "answer_submitted":
        events.tell("answer_submitted", routing=routing, answer=answer)
    return answer


def _end_other(question: Question) -> None:
    """A question has one answer in force; an unpublished one gives way to the newer."""
    for other in question.answers.filter(state=AnswerState.SUBMITTED):
        move_answer(other, AnswerState.WITHDRAWN)


@transaction.atomic
def enter(
    *,
    by: Actor,
    question: Question,
    unit: Unit,
    channel: str,
    words: Words,
    scans: Sequence[Scan] = (),
) -> Answer:
    """Writes down, on the unit's behalf, an answer that came by phone or on paper."""
    by.require(Permission.MODERATE)
    if channel not in {Channel.PHONE, Channel.PAPER}:
        raise ValueError(channel)
    question = locked(question)
    take_on_private(by=by, question=question)
    if not question.is_waiting:
        raise StateChangeRefused(_("Only a published question without an answer can get one."))
    _end_other(question)
    routing = question.routings.filter(state__in=OPEN, unit=unit).first()
    answer = Answer(
        question=question, unit=unit, routing=routing, channel=channel, created_at=clock.now()
    )
    _store(answer, words, scans)
    record(
        by=by,
        subject=question,
        action="answer_entered",
        new={"unit": unit.pk, "channel": channel, "letters": len(scans)},
    )
    return answer


def _locked_answer(answer: Answer) -> Answer:
    locked(answer.question)
    return (
        Answer.objects.select_for_update(of=("self",))
        .select_related("question", "question__topic", "unit", "routing")
        .get(pk=answer.pk)
    )


@transaction.atomic
def publish(*, by: Actor, answer: Answer, words: Words, seen: datetime | None = None) -> None:
    """The pin turns green, the resident is told, the unit's link ends. A private one has no pin.

    `seen` is `changed_at` of the answer that the desk had before it: one that the unit has
    corrected since is not published unread.
    """
    by.require(Permission.MODERATE)
    answer = _locked_answer(answer)
    if answer.state != AnswerState.SUBMITTED:
        raise StateChangeRefused(_("This answer is published or taken back already."))
    if seen is not None and seen != answer.changed_at:
        raise ChangedMeanwhile(
            _("The unit has corrected its answer since you opened this page. Compare and publish.")
        )
    moment = clock.now()
    _set_public(answer, words)
    move_answer(answer, AnswerState.PUBLISHED, published_at=moment)
    for routing in answer.question.routings.filter(state__in=OPEN):
        if routing.pk == answer.routing_id:
            move_routing(routing, RoutingState.DONE, ended_at=moment)
        else:
            end_for_another(by, routing, _("Another unit has answered."))
    mark_answered(by=by, question=answer.question)


def _set_public(answer: Answer, words: Words) -> None:
    answer.public_text = words.text
    answer.public_competence = words.competence
    answer.public_next_step = words.next_step


def version_of(answer: Answer) -> str:
    """Tells what the public reads from what it read."""
    moment = answer.corrected_at or answer.published_at
    return moment.isoformat() if moment else ""


@transaction.atomic
def correct(*, by: Actor, answer: Answer, words: Words, note: str, seen: str = "") -> None:
    """Changes a published answer; the public sees the date and the note.

    `seen`: version_of the answer that the form showed.
    """
    by.require(Permission.MODERATE)
    answer = _locked_answer(answer)
    if answer.state != AnswerState.PUBLISHED:
        raise StateChangeRefused(_("Only a published answer can be corrected."))
    if seen and seen != version_of(answer):
        raise ChangedMeanwhile(
            _("Somebody corrected this answer while you were writing. Compare and save again.")
        )
    old = {
        "text": answer.public_text,
        "competence": answer.public_competence,
        "next_step": answer.public_next_step,
    }
    _set_public(answer, words)
    answer.corrected_at, answer.correction_note = clock.now(), note
    answer.save()
    record(
        by=by,
        subject=answer.question,
        action="answer_corrected",
        old=old,
        new={"text": words.text, "competence": words.competence, "next_step": words.next_step},
        note=note,
    )
    events.tell("answer_corrected", answer=answer)


@transaction.atomic
def send_back(*, by: Actor, answer: Answer, reason: str) -> None:
    """The desk does not publish this answer; the unit may write another by the same link."""
    by.require(Permission.MODERATE)
    answer = _locked_answer(answer)
    if answer.state != AnswerState.SUBMITTED:
        raise StateChangeRefused(_("This answer is published or taken back already."))
    move_answer(answer, AnswerState.WITHDRAWN)
    record(
        by=by,
        subject=answer.question,
        action="answer_sent_back",
        old={"unit": answer.unit_id},
        note=reason,
    )
    if answer.routing and answer.routing.is_open:
        answer.routing.expires_at = _later(answer.routing)
        answer.routing.save(update_fields=["expires_at"])
        events.tell("answer_sent_back", routing=answer.routing, answer=answer)


def _later(routing: Routing) -> datetime:
    """A unit that is asked again has the full time again; its link stays the same."""
    return max(routing.expires_at, clock.now() + timedelta(days=LINK_DAYS))


@transaction.atomic
def take_back(*, by: Actor, answer: Answer, reason: str) -> None:
    """Removes a published answer: the pin turns red again, the unit's link works again."""
    by.require(Permission.MODERATE)
    answer = _locked_answer(answer)
    if answer.state != AnswerState.PUBLISHED:
        raise StateChangeRefused(_("Only a published answer can be taken back."))
    move_answer(answer, AnswerState.WITHDRAWN)
    settle_reopening(answer)
    mark_waiting(by=by, question=answer.question, reason=reason)
    routing = answer.routing
    if routing and routing.state == RoutingState.DONE:
        # The unit writes another answer by the link that it has.
        move_routing(routing, RoutingState.ACCEPTED, ended_at=None, expires_at=_later(routing))
        routing.question = answer.question
        events.tell("answer_sent_back", routing=routing, answer=answer)
