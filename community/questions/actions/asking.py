"""What a resident does: ask, confirm, correct the address, reply, find a lost link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock, throttle, tokens
from bezpechne.kernel.actors import SYSTEM, Actor, ActorKind
from bezpechne.kernel.audit.models import record
from community.questions import consent, events, links
from community.questions.actions.moving import count, locked, move
from community.questions.emergency import emergency_words
from community.questions.models import Asker, Photo, Question, Remark, Topic
from community.questions.states import QuestionState, StateChangeRefused
from tenants.current import current_city

CONFIRM_DAYS = 7
CODE_LIFE = timedelta(hours=24)
CODE_ATTEMPTS = 10
MAX_CORRECTIONS = 3
# Mails with a code to one address: a stranger typing it again and again reaches nobody.
MAILS_PER_ADDRESS, MAILS_WINDOW = 5, timedelta(hours=1)
# All cities together, and all letters that one visitor may cause.
MAILS_PER_ADDRESS_ANYWHERE = 10
MAILS_PER_VISITOR = 30
QUESTIONS_PER_VISITOR, VISITOR_WINDOW = 20, timedelta(hours=1)


class AskRefused(ValueError):
    """Asking is not possible; the text is shown to the resident, the form keeps what was typed."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the form holds, checked. `point` is (latitude, longitude) in degrees."""

    submit_key: UUID
    topic: Topic
    text: str
    point: tuple[float, float]
    point_is_rough: bool
    place: str
    name: str
    email: str
    share_name: bool
    happening_now: bool
    language: str


def resident(question: Question) -> Actor:
    """Whoever holds the private link of this question."""
    return Actor(ActorKind.RESIDENT, question.pk)


def spare_the_address(email: str, visitor: str) -> None:
    """Raises AskRefused when the address or the visitor had enough letters for an hour."""
    if not throttle.allow("mails", visitor, limit=MAILS_PER_VISITOR, window=MAILS_WINDOW):
        raise AskRefused(_("Many questions came from your connection. Try again in an hour."))
    here = throttle.allow("confirm", email, limit=MAILS_PER_ADDRESS, window=MAILS_WINDOW)
    anywhere = throttle.allow(
        "confirm", email, limit=MAILS_PER_ADDRESS_ANYWHERE, window=MAILS_WINDOW, everywhere=True
    )
    if not (here and anywhere):
        raise AskRefused(
            _("Several e-mails went to this address within the hour. Use the newest one, or wait.")
        )


def sent_before(draft: Draft) -> Asker | None:
    """The question that this very form has made already."""
    return Asker.objects.filter(
        question__submit_key=draft.submit_key, email=draft.email, question__text=draft.text
    ).first()


def free_key(key: UUID) -> UUID:
    """The form's key, or a new one when a question was made with it: sent again after «back»."""
    return uuid4() if Question.objects.filter(submit_key=key).exists() else key


def submit(*, draft: Draft, visitor: str) -> Asker:
    """Stores an unconfirmed question and mails the link and the code.

    Sending the same form twice gives the same question. `visitor` is the network address, counted
    as a hash for an hour and not stored. Raises AskRefused.
    """
    known = sent_before(draft)
    if known:
        return known
    city = current_city()
    if not city.takes_questions:
        raise AskRefused(_("New questions are not taken for now."))
    if not (draft.point_is_rough or city.shape.contains(*draft.point)):
        raise AskRefused(_("This point is outside the city. Move the pin."))
    if not throttle.allow("ask", visitor, limit=QUESTIONS_PER_VISITOR, window=VISITOR_WINDOW):
        raise AskRefused(_("Many questions came from your connection. Try again in an hour."))
    spare_the_address(draft.email, visitor)
    try:
        with transaction.atomic():
            return _create(draft)
    except IntegrityError:
        # The second of two clicks arrived while the first was being stored.
        known = sent_before(draft)
        if known is None:
            raise AskRefused(_("This form was sent already. Open a fresh one.")) from None
        return known


def _create(draft: Draft) -> Asker:
    words = emergency_words(draft.text)
    question = Question.objects.create(
        topic=draft.topic,
        is_private=draft.topic.is_private,
        text=draft.text,
        place=draft.place,
        lat=draft.point[0],
        lon=draft.point[1],
        point_is_rough=draft.point_is_rough,
        language=draft.language,
        happening_now=draft.happening_now,
        emergency_words=words,
        is_urgent=draft.happening_now or bool(words),
        submit_key=draft.submit_key,
        created_at=clock.now(),
    )
    count(QuestionState.UNCONFIRMED, 1)
    asker = Asker.objects.create(
        question=question,
        name=draft.name,
        email=draft.email,
        share_name=draft.share_name,
        consent_version=consent.in_force().version,
        consented_at=clock.now(),
        code_sent_at=clock.now(),
    )
    links.stamp(asker)
    asker.save()
    Photo.objects.filter(submit_key=draft.submit_key, question=None).update(question=question)
    record(by=resident(question), subject=question, action="asked", new={"topic": draft.topic.code})
    events.tell("confirmation_needed", asker=asker)
    return asker


@transaction.atomic
def resend_confirmation(*, asker: Asker, visitor: str) -> None:
    """A new link and code; the old ones stop working. Raises AskRefused."""
    asker = _unconfirmed(asker)
    spare_the_address(asker.email, visitor)
    _new_confirmation(asker)


@transaction.atomic
def correct_address(*, asker: Asker, email: str, visitor: str) -> None:
    """Sends the confirmation to another address instead. Raises AskRefused."""
    asker = _unconfirmed(asker)
    if asker.corrections >= MAX_CORRECTIONS:
        raise AskRefused(_("The address was corrected several times. Please ask again."))
    spare_the_address(email, visitor)
    asker.email, asker.corrections = email, asker.corrections + 1
    _new_confirmation(asker)
    record(by=resident(asker.question), subject=asker.question, action="address_corrected")


def _unconfirmed(asker: Asker) -> Asker:
    fresh = (
        Asker.objects.select_for_update(of=("self",)).select_related("question").get(pk=asker.pk)
    )
    if fresh.question.state != QuestionState.UNCONFIRMED:
        raise AskRefused(_("This question is confirmed already."))
    return fresh


def _new_confirmation(asker: Asker) -> None:
    asker.confirm_version += 1
    asker.code_attempts, asker.code_sent_at = 0, clock.now()
    links.stamp(asker)
    asker.save()
    events.tell("confirmation_needed", asker=asker)


@transaction.atomic
def confirm(*, asker: Asker) -> Question:
    """The address is the resident's: the question goes to the desk. Twice is the same as once."""
    question = locked(asker.question)
    if question.state != QuestionState.UNCONFIRMED:
        return question
    if question.created_at < clock.now() - timedelta(days=CONFIRM_DAYS):
        raise AskRefused(_("This link is older than 7 days. Please ask again."))
    move(
        question,
        QuestionState.IN_MODERATION,
        by=resident(question),
        action="confirmed",
        confirmed_at=clock.now(),
    )
    events.tell("received", question=question)
    return question


def confirm_by_code(*, asker: Asker, code: str) -> Question:
    """Raises AskRefused for a wrong, old or too often tried code; each miss is counted."""
    with transaction.atomic():
        asker = Asker.objects.select_for_update().get(pk=asker.pk)
        if asker.code_attempts >= CODE_ATTEMPTS:
            raise AskRefused(_("Ten wrong codes. Ask for a new one below."))
        if asker.code_sent_at is None or asker.code_sent_at < clock.now() - CODE_LIFE:
            raise AskRefused(_("This code is older than a day. Ask for a new one below."))
        right = tokens.code_matches(links.CONFIRM, asker.pk, asker.confirm_version, code)
        if not right:
            asker.code_attempts += 1
            asker.save(update_fields=["code_attempts"])
    if not right:
        raise AskRefused(_("The code is not right. Look at the newest e-mail."))
    return confirm(asker=asker)


@transaction.atomic
def reply(*, question: Question, text: str) -> None:
    """The resident answers the desk's question; it returns to the queue."""
    question = locked(question)
    if question.state != QuestionState.CLARIFICATION:
        raise StateChangeRefused(_("The desk does not wait for a reply now."))
    Remark.objects.create(question=question, from_resident=True, text=text, at=clock.now())
    move(question, QuestionState.IN_MODERATION, by=resident(question), action="replied")


@transaction.atomic
def find_lost_links(*, email: str, visitor: str) -> None:
    """Mails the links to follow, when the address asked something here; silent otherwise.

    The same rows are written either way: the time of the answer tells nothing.
    """
    hour = timedelta(hours=1)
    if not throttle.allow("lost_visitor", visitor, limit=10, window=hour):
        return
    if not throttle.allow("lost", email, limit=3, window=hour):
        return
    askers = Asker.objects.filter(email__iexact=email).exclude(
        question__state=QuestionState.UNCONFIRMED
    )
    events.tell("link_lost", asker=askers.select_related("question").order_by("-id").first())


@transaction.atomic
def purge_unconfirmed() -> int:
    """Deletes what nobody confirmed in 7 days, with its photos; returns how many."""
    old = Question.objects.filter(
        state=QuestionState.UNCONFIRMED,
        created_at__lt=clock.now() - timedelta(days=CONFIRM_DAYS),
    )
    gone = list(old.select_for_update(skip_locked=True).order_by("id")[:500])
    drop_unconfirmed(gone, by=SYSTEM, action="purged")
    _drop(
        Photo.objects.filter(
            question=None, created_at__lt=clock.now() - timedelta(days=1)
        ).order_by("id")[:500]
    )
    return len(gone)


def drop_unconfirmed(questions: list[Question], *, by: Actor, action: str) -> None:
    """Deletes questions that nobody confirmed, with their photos, in the transaction in force."""
    _drop(Photo.objects.filter(question__in=questions))
    for question in questions:
        record(by=by, subject=question, action=action)
        question.delete()
    count(QuestionState.UNCONFIRMED, -len(questions))


def _drop(photos: Iterable[Photo]) -> None:
    """Files after the commit: a rolled back purge must find them."""
    for photo in list(photos):
        photo.delete()
        transaction.on_commit(photo.delete_files)
