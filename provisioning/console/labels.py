"""Words for the steps of a provisioning run."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Steps of a provisioning run, by the names that the run records.
STEPS: dict[str, str | Promise] = {
    "city": _("Row and address"),
    "tables": _("Tables"),
    "defaults": _("Topics, units, counters"),
    "administrator": _("Invitation of the administrator"),
}


def step_label(step: str) -> str:
    return str(STEPS.get(step, step))
