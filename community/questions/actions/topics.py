"""The list of topics, kept by the city's administrator: the only writers of it."""

from dataclasses import asdict, dataclass
from itertools import count

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.seen import require_seen
from community.questions.catalogue import ALWAYS_PRIVATE, BY_CODE
from community.questions.models import Topic
from tenants.romanisation import slugify_uk

MAX_TOPICS = 40
_CODE_LENGTH = 20


class TopicRefused(ValueError):
    """The text is shown to the administrator."""


@dataclass(frozen=True, kw_only=True)
class TopicWords:
    """What a topic is called and shown with; `icon` is one of `catalogue.ICONS`.

    `is_private`: what is asked on it from now on; nothing that was asked before changes.
    """

    name_uk: str
    name_en: str
    icon: str
    is_private: bool = False


def words_of(topic: Topic) -> TopicWords:
    return TopicWords(
        name_uk=topic.name_uk,
        name_en=topic.name_en,
        icon=topic.icon_name.removeprefix("topic-"),
        is_private=topic.is_private,
    )


def must_be_private(code: str, words: TopicWords) -> bool:
    """Whether this topic may not be opened to the public."""
    return code in ALWAYS_PRIVATE and not words.is_private


def _why_private() -> str:
    return _(
        "Domestic violence stays private: a published question would tell the one who hits that"
        " somebody has asked for help."
    )


def _locked() -> list[Topic]:
    """All of them in order; whoever changes the list waits for whoever changes it now."""
    return list(Topic.objects.select_for_update().order_by("position", "id"))


def _check_name(topics: list[Topic], words: TopicWords, own: int | None = None) -> None:
    for topic in topics:
        if topic.pk != own and topic.name_uk.casefold() == words.name_uk.casefold():
            raise TopicRefused(_("There is a topic with this name already."))


def _free_code(name: str, taken: set[str]) -> str:
    stem = slugify_uk(name).replace("-", "_")[: _CODE_LENGTH - 3].strip("_") or "topic"
    tries = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return next(code for code in tries if code not in taken)


@transaction.atomic
def add_topic(*, by: Actor, words: TopicWords, code: str = "") -> Topic:
    """At the end of the list. `code`: of the catalogue, or blank for one of the city's own."""
    by.require(Permission.ADMINISTER)
    topics = _locked()
    if len(topics) >= MAX_TOPICS:
        raise TopicRefused(
            _("There are %(most)d topics: nobody reads a longer list. Rename one instead.")
            % {"most": MAX_TOPICS}
        )
    _check_name(topics, words)
    taken = {topic.code for topic in topics}
    if code and (code in taken or code not in BY_CODE):
        raise TopicRefused(_("This topic of the catalogue is in the list already."))
    last = Topic.objects.aggregate(last=Max("position"))["last"]
    if must_be_private(code, words):
        raise TopicRefused(_why_private())
    topic = Topic.objects.create(
        code=code or _free_code(words.name_en or words.name_uk, taken | BY_CODE.keys()),
        position=0 if last is None else last + 1,
        **asdict(words),
    )
    record(by=by, subject=topic, action="topic_added", new={"code": topic.code, **asdict(words)})
    return topic


@transaction.atomic
def change_topic(*, by: Actor, topic: Topic, words: TopicWords, seen: str | None = None) -> None:
    """Renames it everywhere, in old questions too. Raises ChangedMeanwhile."""
    by.require(Permission.ADMINISTER)
    topics = _locked()
    topic = next(row for row in topics if row.pk == topic.pk)
    old = words_of(topic)
    require_seen(asdict(old), seen)
    _check_name(topics, words, topic.pk)
    if words == old:
        return
    # One of the city's own that had this code before the catalogue did may stay as it is.
    if old.is_private and must_be_private(topic.code, words):
        raise TopicRefused(_why_private())
    changed = asdict(words)
    for name, value in changed.items():
        setattr(topic, name, value)
    topic.save(update_fields=list(changed))
    record(by=by, subject=topic, action="topic_changed", old=asdict(old), new=asdict(words))


@transaction.atomic
def move_topic(*, by: Actor, topic: Topic, up: bool) -> None:
    """One place up or down; at the end of the list nothing happens."""
    by.require(Permission.ADMINISTER)
    topics = _locked()
    place = next(number for number, row in enumerate(topics) if row.pk == topic.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(topics):
        return
    topics[place], topics[other] = topics[other], topics[place]
    for number, row in enumerate(topics):
        row.position = number
    Topic.objects.bulk_update(topics, ["position"])
    record(by=by, subject=topic, action="topic_moved", old={"place": place}, new={"place": other})


@transaction.atomic
def set_topic_active(*, by: Actor, topic: Topic, active: bool) -> None:
    """An inactive topic cannot be chosen any more; its questions keep it. One always stays."""
    by.require(Permission.ADMINISTER)
    topics = _locked()
    row = next(row for row in topics if row.pk == topic.pk)
    if row.is_active == active:
        return
    if not active and sum(other.is_active for other in topics) == 1:
        raise TopicRefused(
            _("This is the only topic that residents can choose. Add another first.")
        )
    row.is_active = active
    row.save(update_fields=["is_active"])
    record(by=by, subject=row, action="topic_activated" if active else "topic_deactivated")


@transaction.atomic
def delete_topic(*, by: Actor, topic: Topic) -> None:
    """Only one that no question has ever had: added by mistake."""
    by.require(Permission.ADMINISTER)
    row = next(row for row in _locked() if row.pk == topic.pk)
    if row.questions.exists():
        raise TopicRefused(_("There are questions on this topic, so it is only deactivated."))
    if Topic.objects.filter(is_active=True).exclude(pk=row.pk).count() == 0:
        raise TopicRefused(
            _("This is the only topic that residents can choose. Add another first.")
        )
    record(by=by, subject=row, action="topic_deleted", old={"code": row.code, "name": row.name_uk})
    Topic.objects.filter(position__gt=row.position).update(position=F("position") - 1)
    row.delete()
