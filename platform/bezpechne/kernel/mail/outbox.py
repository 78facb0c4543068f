"""The row behind every e-mail. Two apps have such a table: accounts and community.notices.

An action inserts the row and its job in its own transaction. The worker builds the letter from
the row's ids when it sends, marks the row after the server took the message, and may therefore
repeat one mail when it is killed in between, with the same Message-ID; it cannot lose one.

A city may send so many letters a day. Beyond that they wait in the queue for the next morning;
kinds written `at_once` (somebody waits for a code or a link at this moment, and each has a limit
of its own) are always sent, and counted.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import translation

from bezpechne.kernel import clock, metering, queue
from bezpechne.kernel.mail.letters import Letter, as_message
from bezpechne.kernel.schema import current_schema


class OutgoingMail(models.Model):
    """`key` names the event and the recipient by ids, so that no event is mailed twice."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    subject_id = models.BigIntegerField()
    recipient_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=2, default="uk")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # Nothing left to say when its turn came: a withdrawn routing, a used invitation.
    dropped_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key

    def note_refusal(self, error: Exception, address: str) -> bool:
        """Whether the recipient's server refused for good, which the row then says.

        Tables that show it to people override this; elsewhere every failure is tried again.
        """
        return False

    @property
    def message_id(self) -> str:
        """The same on every attempt."""
        return f"<{current_schema()}.{self._meta.db_table}.{self.pk}@{settings.BASE_HOST}>"


# What `error` says of a letter that waits until its city comes back from the archive.
HELD = "held"


def _never_held() -> bool:
    return False


_is_held: Callable[[], bool] = _never_held


def set_hold_hook(hook: Callable[[], bool]) -> None:
    """Lets `tenants` say whether letters of the city in force wait; called once at start."""
    global _is_held  # noqa: PLW0603 - one hook for the process
    _is_held = hook


MailT = TypeVar("MailT", bound=OutgoingMail)
Writer = Callable[[Any], Letter | None]
LimitHook = Callable[[], int | None]
_writers: dict[str, Writer] = {}
_at_once: set[str] = set()
# When letters of a day that was full go on their way: not in the middle of the night.
MORNING = time(8)


def _no_limit() -> int | None:
    return None


_limit: LimitHook = _no_limit


def set_limit_hook(hook: LimitHook) -> None:
    """Lets `tenants` say how many letters the city in force may send a day."""
    global _limit  # noqa: PLW0603 - one hook for the process, set once at start
    _limit = hook


def writes(kind: str, *, at_once: bool = False) -> Callable[[Writer], Writer]:
    """Registers the function that builds letters of a kind; None means nothing is left to say."""

    def register(writer: Writer) -> Writer:
        _writers[kind] = writer
        if at_once:
            _at_once.add(kind)
        return writer

    return register


def post(model: type[MailT], job: str, *, kind: str, key: str, **fields: Any) -> MailT | None:
    """Row and job in the current transaction; None when this key was posted before."""
    mail, created = model._default_manager.get_or_create(
        key=key, defaults={"kind": kind, "created_at": clock.now(), **fields}
    )
    if not created:
        return None
    queue.defer(job, mail_id=mail.pk)
    return mail


def deliver(model: type[OutgoingMail], mail_id: int) -> None:
    """Sends one row's letter; raises what the mail server raised, for the queue to try again.

    Raises queue.Later when the city's letters of today are used up.
    """
    mail = model._default_manager.get(pk=mail_id)
    if mail.sent_at or mail.dropped_at:
        return
    if _is_held():
        mail.error = HELD
        mail.save(update_fields=["error"])
        return
    if mail.kind not in _at_once and _used_up():
        raise queue.Later(_tomorrow_morning())
    with translation.override(mail.language):
        letter = _writers[mail.kind](mail)
        if letter is None:
            mail.dropped_at = clock.now()
            mail.save(update_fields=["dropped_at"])
            return
        try:
            as_message(letter, mail.message_id).send()
        except Exception as error:
            if mail.note_refusal(error, letter.to):
                return
            # The class alone: servers quote addresses in their refusals.
            mail.error = type(error).__name__
            mail.save(update_fields=["error"])
            raise
    mail.sent_at, mail.error = clock.now(), ""
    with transaction.atomic():
        mail.save(update_fields=["sent_at", "error"])
        metering.add(metering.MAILS, 1, day=clock.today())


def _used_up() -> bool:
    """Two workers at once may pass the limit by a letter; it is a limit of cost, not of safety."""
    limit = _limit()
    return limit is not None and metering.counted(metering.MAILS, day=clock.today()) >= limit


def _tomorrow_morning() -> datetime:
    return datetime.combine(clock.today() + timedelta(days=1), MORNING, clock.KYIV)


def release(model: type[OutgoingMail], job: str) -> int:
    """Gives each held row of the schema in force a job again, in the current transaction.

    Its writer decides anew whether there is still something to say. Returns how many.
    """
    held = model._default_manager.filter(error=HELD, sent_at=None, dropped_at=None).order_by("pk")
    keys = list(held.values_list("pk", flat=True))
    held.update(error="")
    for key in keys:
        queue.defer(job, mail_id=key)
    return len(keys)
