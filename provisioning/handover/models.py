"""A hand-over, in `public`: one that is not closed for each city."""

from typing import Any

from django.db import models
from django.db.models import Q

from bezpechne.kernel import clock
from billing.identifiers import validate_kpkvk
from billing.models import CityAccount, FundingAgreement, Paper, Payer
from billing.states import Engagement
from provisioning.handover.states import Decision, Stage

# What the regional representative looks at; each hand-over keeps its own copy to change.
CHECKLIST = (
    "Поліція визначила особу, яка передає питання підрозділам",
    "Підрозділи відповідають у строк і простою мовою",
    "Посилання на сайт міста є на сторінках поліції та ради",
    "Модератор навчений і дотримується правил модерації",
    "Жителі знають, що сайт не замінює лінії 102 і 112",
)
# Figure → what is wanted (design: criteria of a trial); changed for each trial.
THRESHOLDS: dict[str, int] = {
    "published": 20,
    "answered_percent": 80,
    "median_days": 10,
    "rating": 70,
}


def _points() -> list[dict[str, Any]]:
    return [{"question": question, "passed": None, "remark": ""} for question in CHECKLIST]


def _thresholds() -> dict[str, int]:
    return dict(THRESHOLDS)


class Handover(models.Model):
    """`owner_id`: the finance officer who leads it. `due_on`: when the step in force is to be done.

    `checklist`: [{question, passed: true, false or null, remark}]; `thresholds`: figure → number.
    """

    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="handovers")
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.LEAD)
    stage_since = models.DateField(default=clock.today)
    due_on = models.DateField(null=True, blank=True)
    owner_id = models.BigIntegerField(null=True)
    # Who is to pay; its contact is told by the officer, not by the platform.
    council = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, blank=True, related_name="handovers"
    )
    trial_starts = models.DateField(null=True, blank=True)
    trial_ends = models.DateField(null=True, blank=True)
    thresholds = models.JSONField(default=_thresholds)
    checklist = models.JSONField(default=_points)
    representative = models.CharField(max_length=120, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    memorandum = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="+")
    request_sent_on = models.DateField(null=True, blank=True)
    first_month = models.DateField(null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    monthly_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    engagement = models.CharField(
        max_length=16, choices=Engagement.choices, default=Engagement.SERVICE
    )
    kpkvk = models.CharField(max_length=7, blank=True, validators=[validate_kpkvk])
    council_decision = models.ForeignKey(
        Paper, on_delete=models.PROTECT, null=True, related_name="+"
    )
    contract = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, blank=True, related_name="handovers"
    )
    switch_on = models.DateField(null=True, blank=True)
    # The site takes no questions from this day, until somebody pays again.
    suspends_on = models.DateField(null=True, blank=True)
    is_suspended = models.BooleanField(default=False)
    closed_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "handover"
        constraints = [
            models.UniqueConstraint(
                fields=["account"], name="handover_one_open", condition=~Q(stage="closed")
            ),
            models.CheckConstraint(
                name="handover_first_of_month",
                condition=Q(switch_on=None) | Q(switch_on__day=1),
            ),
            models.CheckConstraint(
                name="handover_closed_has_reason",
                condition=~Q(stage="closed") | ~Q(closed_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["stage", "due_on"], name="handover_due")]

    def __str__(self) -> str:
        return f"handover {self.pk}"
