"""Who is told when something happens. Runs inside the action's transaction."""

from datetime import datetime
from typing import Any

from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import history_of
from bezpechne.kernel.mail.outbox import post
from community.answers.links import holder
from community.answers.models import Answer, Pass, Routing, Unit
from community.notices.models import Notice
from community.questions.models import Asker, Question, Remark

MAIL_JOB = "notices.deliver_mail"


def on_event(sender: Any, signal: Any, event: str, **what: Any) -> None:
    """One function an event; an event that nobody is told about has none."""
    teller = _TELLERS.get(event)
    if teller:
        teller(**what)


def _to_resident(kind: str, question: Question, *, key: str = "", **fields: Any) -> None:
    post(
        Notice,
        MAIL_JOB,
        kind=kind,
        key=f"{kind}:{question.pk}:{key}:resident",
        question_id=question.pk,
        subject_id=question.pk,
        recipient_id=question.pk,
        language=question.language,
        **fields,
    )


def _to_unit(kind: str, routing: Routing, key: str, subject_id: int | None = None) -> None:
    post(
        Notice,
        MAIL_JOB,
        kind=kind,
        key=f"{kind}:{routing.pk}:{key}:unit",
        question_id=routing.question_id,
        subject_id=subject_id or routing.pk,
        recipient_id=routing.pk,
        version=routing.version,
    )


def _entry_number(question: Question, **which: str) -> str:
    """The history row that the action has just written numbers the event.

    `which`: where other receivers may have written more since.
    """
    entry = history_of(question).filter(**which).last()
    return str(entry.pk if entry else 0)


def _by_entry(kind: str, question: Question, **which: str) -> None:
    number = _entry_number(question, **which)
    _to_resident(kind, question, key=number, version=int(number))


def confirmation_needed(asker: Asker) -> None:
    _to_resident(
        "confirm", asker.question, key=str(asker.confirm_version), version=asker.confirm_version
    )


def received(question: Question) -> None:
    _to_resident("received", question)


def published(question: Question) -> None:
    _by_entry("published", question)


def taken_on(question: Question) -> None:
    _by_entry("taken_on", question)


def rejected(question: Question, by: Actor) -> None:
    _by_entry("rejected", question, action="rejected")


def clarification_needed(question: Question, remark: Remark) -> None:
    _to_resident("clarification", question, key=str(remark.pk))


def hidden(question: Question) -> None:
    _by_entry("hidden", question)


def _to_followers(kind: str, question: Question) -> None:
    """Whoever asked a joined question and still wants to hear of this one."""
    number = _entry_number(question)
    for follower in question.followers.filter(left_at=None).select_related("from_question"):
        post(
            Notice,
            MAIL_JOB,
            kind=kind,
            key=f"{kind}:{follower.pk}:{number}:resident",
            question_id=question.pk,
            subject_id=question.pk,
            recipient_id=follower.pk,
            language=follower.from_question.language,
        )


def answered(question: Question) -> None:
    _by_entry("answered", question)
    _to_followers("answered_follower", question)


def joined(question: Question) -> None:
    _by_entry("joined", question)


def answer_corrected(answer: Answer) -> None:
    _by_entry("corrected", answer.question)
    _to_followers("corrected_follower", answer.question)


def new_address_asked(asker: Asker) -> None:
    version = asker.new_email_version
    _to_resident("new_address", asker.question, key=str(version), version=version)


def address_changed(asker: Asker) -> None:
    version = asker.new_email_version
    _to_resident("address_changed", asker.question, key=str(version), version=version)


def reopen_declined(question: Question) -> None:
    _by_entry("reopen_declined", question)


def link_lost(asker: Asker | None) -> None:
    """An unknown address gets a row too, which is dropped when its turn comes."""
    if asker:
        _to_resident("lost_link", asker.question, key=f"{clock.now().timestamp():.6f}")
    else:
        post(
            Notice,
            MAIL_JOB,
            kind="lost_link",
            key=f"lost_link:nobody:{clock.now().timestamp():.6f}",
            subject_id=0,
        )


def routed(routing: Routing) -> None:
    _to_unit("routed", routing, str(routing.version))


def routing_withdrawn(routing: Routing) -> None:
    """The unit's mailbox, and the colleague who has the question now."""
    _to_unit("routing_withdrawn", routing, "")
    passed = holder(routing)
    if passed:
        pass_withdrawn(routing, passed)


def pass_withdrawn(routing: Routing, passed: Pass) -> None:
    """The colleague who had the question: the unit or the desk's fresh link took it back."""
    _to_unit("pass_withdrawn", routing, str(passed.pk), subject_id=passed.pk)


def answer_sent_back(routing: Routing, answer: Answer) -> None:
    _to_unit("answer_sent_back", routing, _entry_number(routing.question), subject_id=answer.pk)


def answer_submitted(routing: Routing, answer: Answer) -> None:
    """The receipt: one for an answer, however often it is corrected."""
    _to_unit("answer_receipt", routing, str(answer.pk), subject_id=answer.pk)


def passed_on(routing: Routing, passed: Pass) -> None:
    _to_unit("passed_on", routing, str(passed.pk), subject_id=passed.pk)


def unit_test(unit: Unit, moment: datetime) -> None:
    post(
        Notice,
        MAIL_JOB,
        kind="unit_test",
        key=f"unit_test:{unit.pk}:{moment.timestamp():.3f}",
        subject_id=unit.pk,
        recipient_id=unit.pk,
    )


_TELLERS = {
    teller.__name__: teller
    for teller in (
        confirmation_needed,
        received,
        published,
        taken_on,
        rejected,
        clarification_needed,
        hidden,
        answered,
        joined,
        answer_corrected,
        new_address_asked,
        address_changed,
        reopen_declined,
        link_lost,
        routed,
        routing_withdrawn,
        answer_sent_back,
        answer_submitted,
        passed_on,
        pass_withdrawn,
        unit_test,
    )
}
