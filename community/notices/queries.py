"""What pages read about letters."""

from dataclasses import dataclass

from bezpechne.kernel import queue
from bezpechne.kernel.schema import current_schema
from community.answers.models import Routing, Unit
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.models import Asker

TO_UNIT_OF_ROUTING = frozenset({"routed", "routing_withdrawn", "answer_sent_back"})
TO_UNIT = "unit_test"


@dataclass(frozen=True)
class Refused:
    """A letter that was given up. `unit` or `masked`: who should have got it."""

    notice: Notice
    unit: Unit | None
    masked: str


def masked(email: str) -> str:
    """«o•••@example.org»: enough to see a mistyped domain, not who it is."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if name else ""


def given_up(most: int) -> list[Refused]:
    """The newest letters that no server took, whatever was tried; five queries at most."""
    ids = queue.dead_arguments(MAIL_JOB, current_schema(), "mail_id", most)
    notices = list(Notice.objects.filter(pk__in=ids, sent_at=None, dropped_at=None).order_by("-pk"))
    routed = {row.recipient_id for row in notices if row.kind in TO_UNIT_OF_ROUTING}
    routings = Routing.objects.select_related("unit").in_bulk([pk for pk in routed if pk])
    tested = {row.recipient_id for row in notices if row.kind == TO_UNIT}
    units = Unit.objects.in_bulk([pk for pk in tested if pk])
    asked = {row.recipient_id for row in notices} - routed - tested
    emails = dict(Asker.objects.filter(question__in=asked).values_list("question_id", "email"))
    found = []
    for row in notices:
        unit = None
        if row.kind in TO_UNIT_OF_ROUTING and row.recipient_id in routings:
            unit = routings[row.recipient_id].unit
        elif row.kind == TO_UNIT:
            unit = units.get(row.recipient_id or 0)
        known = emails.get(row.recipient_id or 0, "") if unit is None else ""
        found.append(Refused(row, unit, masked(known)))
    return found
