"""A suggestion in the words of a page."""

from django.utils.translation import gettext as _

from billing.bank.suggested import Suggestion
from billing.wording import day_text, money_text


def said(one: Suggestion) -> str:
    """«№ 12/2026, Полтава, жовтень 2026: 18 500,50 грн»; several parted by semicolons."""
    if one.returns is not None:
        return _("Sends back a payment of %(payer)s") % {"payer": one.payer_name or "—"}
    return "; ".join(
        f"№ {share.label}, {share.city}, {day_text(share.month, 'F Y')}: {money_text(share.amount)}"
        for share in one.shares
    )
