"""What a trial does by itself: reminders at 30, 7 and 1 days, and its end the day after the last.

The journal says which reminders were sent for which last day, so each is sent once, also after a
restart; one that was missed goes out late, unless a nearer one is due by then and says more. A new
last day starts anew.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django_tenants.utils import tenant_context

from bezpechne.accounts.actions import MAIL_JOB
from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel import clock, queue
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning import life
from provisioning.journal import note
from provisioning.models import JournalEntry
from tenants.models import City
from tenants.states import CityState

STAGES = (30, 7, 1)
OVER = 0
STARTS = ("provisioned", "trial_started", "trial_extended")
TURN_JOB = "provisioning.turn_trial"
MORNING = 8
REMINDED = "trial_reminded"


def stage_of(ends_on: date) -> int | None:
    """The nearest reminder at this moment: 30, 7, 1; 0 after the last day; None before the 30th."""
    left = (ends_on - clock.today()).days
    if left < 0:
        return OVER
    return min((stage for stage in STAGES if left <= stage), default=None)


def due(only: int | None = None) -> dict[int, int]:
    """City → stage for each city whose trial needs something now; two queries for any number."""
    with in_schema(PUBLIC):
        rows = City.objects.filter(state=CityState.TRIAL, trial_ends_on__isnull=False)
        if only is not None:
            rows = rows.filter(pk=only)
        ends = dict(rows.values_list("pk", "trial_ends_on"))
        stages = {pk: stage_of(day) for pk, day in ends.items() if day is not None}
        waiting = [pk for pk, stage in stages.items() if stage is not None]
        entries = JournalEntry.objects.filter(city_id__in=waiting, action__in=(*STARTS, REMINDED))
        by_city: dict[int, list[JournalEntry]] = {}
        for entry in entries.order_by("id"):
            by_city.setdefault(entry.city_id or 0, []).append(entry)
    found = {}
    for pk in waiting:
        stage, day = stages[pk], ends[pk]
        if stage is not None and day and _is_due(stage, day, by_city.get(pk, [])):
            found[pk] = stage
    return found


def _is_due(stage: int, ends_on: date, entries: Iterable[JournalEntry]) -> bool:
    """Not sent yet for this last day, and not earlier than the trial itself."""
    if stage == OVER:
        return True
    begun: date | None = None
    for entry in entries:
        if entry.action in STARTS:
            begun = entry.at.astimezone(clock.KYIV).date()
        elif entry.detail == {"until": ends_on.isoformat(), "days": stage}:
            return False
    return begun is None or ends_on - timedelta(days=stage) >= begun


def queue_due() -> int:
    """A job for each city that needs something, so that one city's trouble stays its own.

    A trial ends at midnight in Kyiv; reminders wait for the morning. Returns how many.
    """
    awake = clock.now().astimezone(clock.KYIV).hour >= MORNING
    cities = [pk for pk, stage in due().items() if awake or stage == OVER]
    with in_schema(PUBLIC):
        for pk in cities:
            queue.defer(TURN_JOB, city_id=pk)
    return len(cities)


@transaction.atomic
def turn(city_id: int) -> None:
    """Does what is due for one city, if it is due still."""
    with in_schema(PUBLIC):
        city = City.objects.select_for_update().filter(pk=city_id, state=CityState.TRIAL).first()
        stage = due(city_id).get(city_id) if city else None
        if city is None or city.trial_ends_on is None or stage is None:
            return
        if stage == OVER:
            life.stop(by=SYSTEM, city=city, reason=life.TRIAL_OVER, action="trial_ended")
        else:
            until = city.trial_ends_on.isoformat()
            note(by=SYSTEM, city=city, action=REMINDED, until=until, days=stage)
        _tell(city, stage)


def _tell(city: City, stage: int) -> None:
    """The city's active administrators and the platform's operators, each in their language."""
    with tenant_context(city):
        _post(city, stage, Role.ADMINISTRATOR)
    with in_schema(PUBLIC):
        _post(city, stage, Role.OPERATOR)


def _post(city: City, stage: int, role: str) -> None:
    for user in User.objects.filter(role=role, is_active=True).order_by("pk"):
        outbox.post(
            AccountMail,
            MAIL_JOB,
            kind="trial",
            key=f"trial:{city.pk}:{city.trial_ends_on}:{stage}:{user.pk}",
            subject_id=city.pk,
            recipient_id=user.pk,
            version=stage,
            language=user.language,
        )
