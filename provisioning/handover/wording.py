"""What the actions of a hand-over are called in the history of the money."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "handover_opened": _("Hand-over begun"),
    "handover_recorded": _("Hand-over: step filled in"),
    "handover_advanced": _("Hand-over: next step"),
    "handover_returned": _("Hand-over: back to an earlier step"),
    "handover_due_changed": _("Hand-over: another due date"),
    "handover_switched": _("Hand-over: day of the change set"),
    "handover_paid": _("Hand-over: the local budget pays"),
    "handover_donor_extended": _("Hand-over: the donor pays longer"),
    "handover_suspended": _("Hand-over: nobody pays, the site is paused"),
    "handover_resumed": _("Hand-over: the site takes questions again"),
    "handover_renewed": _("Hand-over: renewed for the next year"),
    "handover_closed": _("Hand-over closed"),
}
