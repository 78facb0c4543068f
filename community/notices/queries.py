"""What pages read about letters."""

from dataclasses import dataclass

from bezpechne.kernel import queue
from bezpechne.kernel.schema import current_schema
from community.answers.models import Pass, Routing, Unit
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.models import Asker, Follower

TO_UNIT_OF_ROUTING = frozenset(
    {"routed", "routing_withdrawn", "answer_sent_back", "answer_receipt"}
)
TO_COLLEAGUE = frozenset({"passed_on", "pass_withdrawn"})
TO_FOLLOWER = frozenset({"answered_follower", "corrected_follower"})
TO_STAFF = frozenset({"assigned", "urgent", "digest"})
TO_UNIT = "unit_test"


@dataclass(frozen=True)
class Refused:
    """A letter that was given up. `unit`, `masked` or both, for a unit's colleague: whose it was."""

    notice: Notice
    unit: Unit | None
    masked: str

    @property
    def to_staff(self) -> bool:
        return self.notice.kind in TO_STAFF


def masked(email: str) -> str:
    """«o•••@example.org»: enough to see a mistyped domain, not who it is."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if name else ""


def given_up(most: int) -> list[Refused]:
    """The newest letters that no server took, whatever was tried; eight queries at most."""
    ids = queue.dead_arguments(MAIL_JOB, current_schema(), "mail_id", most)
    notices = list(Notice.objects.filter(pk__in=ids, sent_at=None, dropped_at=None).order_by("-pk"))

    def of(kinds: frozenset[str]) -> set[int]:
        return {row.recipient_id for row in notices if row.kind in kinds and row.recipient_id}

    other = TO_UNIT_OF_ROUTING | TO_COLLEAGUE | TO_FOLLOWER | TO_STAFF | {TO_UNIT}
    asked = {row.recipient_id for row in notices if row.kind not in other}
    routings = Routing.objects.select_related("unit").in_bulk(of(TO_UNIT_OF_ROUTING | TO_COLLEAGUE))
    units = Unit.objects.in_bulk(of(frozenset({TO_UNIT})))
    passes = Pass.objects.in_bulk({row.subject_id for row in notices if row.kind in TO_COLLEAGUE})
    # Whoever has the question now is asked to complete the answer.
    held = {
        row.routing_id: row
        for row in Pass.objects.filter(routing__in=routings, taken_back_at=None).order_by("pk")
    }
    emails = dict(Asker.objects.filter(question__in=asked).values_list("question_id", "email"))
    followers = dict(
        Follower.objects.filter(pk__in=of(TO_FOLLOWER)).values_list(
            "pk", "from_question__asker__email"
        )
    )
    found = []
    for row in notices:
        unit, email, whose = None, "", row.recipient_id or 0
        if row.kind in TO_UNIT_OF_ROUTING | TO_COLLEAGUE:
            unit = routings[whose].unit if whose in routings else None
        if row.kind in TO_COLLEAGUE:
            email = passes[row.subject_id].email if row.subject_id in passes else ""
        elif row.kind == "answer_sent_back" and whose in held:
            email = held[whose].email
        elif row.kind == TO_UNIT:
            unit = units.get(whose)
        elif row.kind in TO_FOLLOWER:
            email = followers.get(whose) or ""
        elif row.kind not in other:
            email = emails.get(whose, "")
        found.append(Refused(row, unit, masked(email)))
    return found
