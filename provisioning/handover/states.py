"""Steps of a hand-over and the allowed changes (design: from the first talk to renewal)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    LEAD = "lead", _("First talk")
    TRIAL = "trial", _("Trial at the donor’s cost")
    EVALUATION = "evaluation", _("Evaluation")
    DECISION = "decision", _("Decision")
    MEMORANDUM = "memorandum", _("Memorandum")
    REQUEST = "request", _("Budget request")
    COUNCIL = "council", _("Decision of the council")
    CONTRACT = "contract", _("Contract")
    SWITCH = "switch", _("Day of the change")
    PAID = "paid", _("The local budget pays")
    RENEWAL = "renewal", _("Renewal for the next year")
    CLOSED = "closed", _("Closed")


# In this order; a renewal comes round each year, a closed hand-over has no next step.
STEPS = tuple(stage for stage in Stage if stage != Stage.CLOSED)
# Before the change of payers: the steps that a person leads forward and back.
LED = STEPS[: STEPS.index(Stage.SWITCH)]

ALLOWED: dict[str, frozenset[str]] = {
    **{
        stage: frozenset(
            {STEPS[place + 1], Stage.CLOSED} | ({STEPS[place - 1]} if place else set())
        )
        for place, stage in enumerate(LED)
    },
    Stage.SWITCH: frozenset({Stage.PAID}),
    Stage.PAID: frozenset({Stage.RENEWAL, Stage.CLOSED}),
    Stage.RENEWAL: frozenset({Stage.PAID, Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}


class Decision(models.TextChoices):
    """What the evaluation led to."""

    HAND_OVER = "hand_over", _("Hand over to the local budget")
    CONTINUE = "continue", _("The donor goes on paying")
    CLOSE = "close", _("End it")
