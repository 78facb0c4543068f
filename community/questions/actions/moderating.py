"""What the desk does with a question: publish or make private, edit, reject, ask back, hide."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import history_of, record
from bezpechne.kernel.seen import ChangedMeanwhile, mark
from community.questions import events
from community.questions.actions.counting import cells_follow
from community.questions.actions.moving import locked, move
from community.questions.models import Question, Remark, Topic
from community.questions.states import (
    HAS_ANSWER,
    MODERATED,
    WAITING,
    QuestionState,
    StateChangeRefused,
)


@dataclass(frozen=True, kw_only=True)
class Public:
    """What the public will see. `photos` are ids; `point` is (latitude, longitude) in degrees."""

    text: str
    place: str
    topic: Topic
    point: tuple[float, float]
    photos: list[int]


# Fields of a question that `Public` decides about.
PUBLIC_FIELDS = ("public_text", "public_place", "topic", "lat", "lon", "point_is_rough")


def _shown(question: Question) -> dict[str, Any]:
    """What the public sees, as the history stores it."""
    values = {field: getattr(question, field) for field in PUBLIC_FIELDS if field != "topic"}
    photos = question.photos.filter(is_public=True).order_by("id")
    return {
        **values,
        "topic": question.topic.code,
        "photos": list(photos.values_list("id", flat=True)),
    }


def version_of(question: Question) -> str:
    """Tells what the public sees from what it saw: a form carries it, so that no save is lost."""
    return mark(_shown(question))


def _still(question: Question, seen: str) -> None:
    """Raises ChangedMeanwhile when somebody saved after the form with `seen` was opened."""
    if seen and seen != version_of(question):
        raise ChangedMeanwhile(
            _("Somebody changed this question while you were writing. Compare and save again.")
        )


def _put_public(question: Question, public: Public) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sets the fields without saving the question; returns old and new values that differ."""
    before = _shown(question)
    question.public_text, question.public_place = public.text, public.place
    question.topic, question.point_is_rough = public.topic, False
    question.lat, question.lon = public.point
    for photo in question.photos.all():
        photo.is_public = photo.pk in public.photos
        photo.save(update_fields=["is_public"])
    after = _shown(question)
    changed = [field for field in after if after[field] != before[field]]
    return {field: before[field] for field in changed}, {field: after[field] for field in changed}


def _private_topic() -> str:
    return _("Nothing is published on this topic. Make the question private, or change the topic.")


@transaction.atomic
def publish(*, by: Actor, question: Question, public: Public, seen: str = "") -> Question:
    """Puts the question on the map with a red pin. `seen`: version_of what the form showed."""
    by.require(Permission.MODERATE)
    question = locked(question)
    _still(question, seen)
    if public.topic.is_private and not question.is_private:
        raise StateChangeRefused(_private_topic())
    if question.point_is_rough and public.point == (question.lat, question.lon):
        raise StateChangeRefused(_("The resident had no map. Put the pin before publishing."))
    old, new = _put_public(question, public)
    move(
        question,
        QuestionState.PUBLISHED,
        by=by,
        action="published",
        since=MODERATED,
        published_at=clock.now(),
        rejection_reason="",
        old=old,
        new=new,
        **{field: getattr(question, field) for field in PUBLIC_FIELDS},
    )
    events.tell("published", question=question)
    return question


def take_on(*, by: Actor, question: Question) -> None:
    """Called by `answers` inside its transaction when a private question gets its first unit.

    What publishing is for others, and without the public: no text is prepared for it.
    """
    move(
        question,
        QuestionState.PRIVATE_WAITING,
        by=by,
        action="taken_on",
        since=MODERATED,
        rejection_reason="",
    )
    events.tell("taken_on", question=question)


@transaction.atomic
def make_private(*, by: Actor, question: Question, reason: str) -> None:
    """Before publication, for good. What the public read of it before a withdrawal is taken away."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if question.is_private or question.state not in MODERATED:
        raise StateChangeRefused(_("Only a question that is still in moderation becomes private."))
    if question.duplicates.exists() or question.followers.exists():
        raise StateChangeRefused(
            _("Others are joined to this question and would read its answer. Separate them first.")
        )
    gone = {"public_text": "", "public_place": "", "published_at": None}
    old = {name: str(getattr(question, name)) for name in gone if getattr(question, name)}
    for name, value in {**gone, "is_private": True}.items():
        setattr(question, name, value)
    question.save(update_fields=["is_private", *gone])
    # None is seen by the public any more, and the unit gets what the resident sent.
    question.photos.update(is_public=True)
    record(by=by, subject=question, action="made_private", old=old, note=reason)


@transaction.atomic
def set_topic(*, by: Actor, question: Question, topic: Topic) -> None:
    """Of a private question, which stays private whatever the topic is; others have `edit`."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if not question.is_private:
        raise StateChangeRefused(_("The topic is changed together with the text for the public."))
    old = question.topic
    if topic == old:
        return
    question.topic = topic
    question.save(update_fields=["topic"])
    record(
        by=by,
        subject=question,
        action="topic_set",
        old={"topic": old.code},
        new={"topic": topic.code},
    )


@transaction.atomic
def edit(*, by: Actor, question: Question, public: Public, seen: str = "") -> None:
    """Changes what the public reads; what the resident wrote stays. No mail: nothing happened."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if not question.is_public:
        raise StateChangeRefused(_("Only a published question can be edited."))
    _still(question, seen)
    if public.topic.is_private and public.topic != question.topic:
        raise StateChangeRefused(_private_topic())
    old, new = _put_public(question, public)
    with cells_follow(question):
        question.save(update_fields=PUBLIC_FIELDS)
    record(by=by, subject=question, action="edited", old=old, new=new)


@transaction.atomic
def reject(*, by: Actor, question: Question, reason: str) -> None:
    """The reason goes to the resident word for word."""
    by.require(Permission.MODERATE)
    question = locked(question)
    move(
        question,
        QuestionState.REJECTED,
        by=by,
        action="rejected",
        note=reason,
        rejection_reason=reason,
    )
    events.tell("rejected", question=question, by=by)


@transaction.atomic
def reject_as_spam(*, by: Actor, question: Question) -> None:
    """Rejected without a letter. One marked as an emergency has to be read by itself."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if question.is_urgent:
        raise StateChangeRefused(_("It is marked as urgent. Open it and decide there."))
    with override(question.language):
        reason = _("An advertisement or a text without a question.")
    move(
        question,
        QuestionState.REJECTED,
        by=by,
        action="rejected_as_spam",
        since={QuestionState.IN_MODERATION},
        rejection_reason=reason,
    )


@transaction.atomic
def undo_spam(*, by: Actor, question: Question) -> None:
    """Back into the queue, unless somebody has decided about it since."""
    by.require(Permission.MODERATE)
    question = locked(question)
    last = history_of(question).filter(new__has_key="state").last()
    if question.state != QuestionState.REJECTED or not last or last.action != "rejected_as_spam":
        raise StateChangeRefused(_("Somebody has decided about it since."))
    move(
        question,
        QuestionState.IN_MODERATION,
        by=by,
        action="spam_undone",
        rejection_reason="",
    )


@transaction.atomic
def reconsider(*, by: Actor, question: Question) -> None:
    """Takes a rejected question back into the queue."""
    by.require(Permission.MODERATE)
    move(
        locked(question),
        QuestionState.IN_MODERATION,
        by=by,
        action="reconsidered",
        since={QuestionState.REJECTED},
    )


@transaction.atomic
def ask_back(*, by: Actor, question: Question, text: str) -> None:
    """Asks the resident what is unclear; the reply comes on the follow page."""
    by.require(Permission.MODERATE)
    question = locked(question)
    move(question, QuestionState.CLARIFICATION, by=by, action="asked_back")
    remark = Remark.objects.create(
        question=question, from_resident=False, text=text, at=clock.now()
    )
    events.tell("clarification_needed", question=question, remark=remark)


@transaction.atomic
def hide(*, by: Actor, question: Question, reason: str) -> None:
    """Takes a published question off the site; the link answers «removed»."""
    by.require(Permission.MODERATE)
    question = locked(question)
    move(question, QuestionState.HIDDEN, by=by, action="hidden", note=reason, hidden_reason=reason)
    events.tell("hidden", question=question)


@transaction.atomic
def show_again(*, by: Actor, question: Question) -> None:
    """Undoes `hide`: back to what it was, on its old date."""
    by.require(Permission.MODERATE)
    question = locked(question)
    to = QuestionState.ANSWERED if question.answered_at else QuestionState.PUBLISHED
    move(question, to, by=by, action="shown_again", since={QuestionState.HIDDEN}, hidden_reason="")


def mark_answered(*, by: Actor, question: Question) -> None:
    """Called by `answers` inside its transaction when an answer is published."""
    move(
        question,
        QuestionState.PRIVATE_ANSWERED if question.is_private else QuestionState.ANSWERED,
        by=by,
        action="answered",
        since=WAITING,
        answered_at=clock.now(),
    )
    events.tell("answered", question=question)


def mark_waiting(*, by: Actor, question: Question, reason: str) -> None:
    """Called by `answers` when a published answer is taken back."""
    move(
        question,
        QuestionState.PRIVATE_WAITING if question.is_private else QuestionState.PUBLISHED,
        by=by,
        action="answer_taken_back",
        since=HAS_ANSWER,
        note=reason,
        answered_at=None,
    )
