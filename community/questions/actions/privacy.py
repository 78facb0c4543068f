"""The city's privacy notice, and the end of keeping what it promises not to keep."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM, Actor
from bezpechne.kernel.audit.models import Entry, record
from bezpechne.kernel.seen import require_seen
from community.questions import consent
from community.questions.models import Asker, PrivacyNotice
from community.questions.states import HAS_ANSWER, QuestionState

FIELDS = (
    *("controller", "controller_code", "address", "email", "officer"),
    *("months_kept", "log_months", "consent_uk", "consent_en", "more_uk", "more_en"),
)
# Nothing more is to be told to the resident.
CLOSED = (
    *HAS_ANSWER,
    QuestionState.REJECTED,
    QuestionState.HIDDEN,
    QuestionState.WITHDRAWN,
    QuestionState.DUPLICATE,
)
_BATCH = 500
_DAYS_A_MONTH = 31


def values_of(notice: PrivacyNotice) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in FIELDS}


def _free_version(day: str, taken: set[str]) -> str:
    tries = (day if number == 1 else f"{day}.{number}" for number in count(1))
    return next(code for code in tries if code not in taken)


@transaction.atomic
def write_notice(
    *, by: Actor, values: dict[str, Any], seen: str | None = None
) -> PrivacyNotice | None:
    """A new version, in force at once; None when nothing differs. Raises ChangedMeanwhile."""
    by.require(Permission.ADMINISTER)
    taken = set(PrivacyNotice.objects.select_for_update().values_list("version", flat=True))
    now = consent.in_force()
    require_seen(values_of(now), seen)
    wanted = {name: values[name] for name in FIELDS}
    if now.pk is not None and wanted == values_of(now):
        return None
    notice = PrivacyNotice.objects.create(
        version=_free_version(clock.today().isoformat(), {*taken, consent.CURRENT}), **wanted
    )
    record(
        by=by,
        subject=notice,
        action="privacy_changed",
        old={"version": now.version},
        new={"version": notice.version},
    )
    return notice


@transaction.atomic
def forget_askers() -> int:
    """Deletes who asked where a question has been closed, and quiet, for the promised months.

    The question stays as it is; its link of the resident stops working. Returns how many.
    """
    before = clock.now() - timedelta(days=consent.in_force().months_kept * _DAYS_A_MONTH)
    rows = list(_forgettable(before)[:_BATCH])
    for asker in rows:
        record(by=SYSTEM, subject=asker.question, action="asker_forgotten")
        asker.delete()
    return len(rows)


def _forgettable(before: datetime) -> Any:
    later = Entry.objects.filter(
        subject="question", subject_id=OuterRef("question_id"), at__gte=before
    )
    return (
        Asker.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("question")
        .filter(question__state__in=CLOSED, question__created_at__lt=before)
        .exclude(Exists(later))
        .order_by("id")
    )
