"""What a report is about: a city, a payer, an oblast, both, or everything that its reader sees."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.accounts import account_label
from billing.models import CityAccount, Payer
from billing.reports.lens import Lens
from billing.reports.names import payer_name


@dataclass(frozen=True)
class Subject:
    """None where it is about more than one; `label` in the language in force."""

    account: CityAccount | None
    payer: Payer | None
    label: str


def subject_of(lens: Lens) -> Subject:
    """Two queries at most."""
    account = CityAccount.objects.filter(pk=lens.account_id).first() if lens.account_id else None
    payer = Payer.objects.filter(pk=lens.payer_id).first() if lens.payer_id else None
    parts = []
    if account:
        parts.append(account_label(account))
    if lens.oblast:
        parts.append(_("%(oblast)s oblast") % {"oblast": lens.oblast})
    if payer:
        parts.append(payer_name(payer))
    everything = _("All cities") if lens.everything else _("All that you see")
    return Subject(account, payer, " · ".join(parts) or everything)
