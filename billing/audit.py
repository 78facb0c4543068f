"""The history of the money: one row an action, appended inside its transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel.actors import Actor
from billing.models import CityAccount, LedgerEvent, Payer

# What the actions are called; `note` refuses one that has no words here.
WORDS: dict[str, str | Promise] = {
    "account_opened": _("City entered into the ledger"),
    "account_shown": _("Costs shown on the city’s site"),
    "account_hidden": _("Costs no longer shown on the city’s site"),
    "payer_added": _("Payer added"),
    "payer_changed": _("Payer changed"),
    "payer_closed": _("Payer closed"),
    "payer_opened": _("Payer opened again"),
    "contractor_added": _("Contractor added"),
    "contractor_changed": _("Contractor changed"),
    "contractor_assigned": _("Said who does the work"),
    "grant_added": _("Grant added"),
    "grant_changed": _("Grant changed"),
    "tranche_added": _("Tranche received"),
    "tranche_reversed": _("Tranche reversed"),
    "rates_added": _("Exchange rates added"),
    "tariff_set": _("Tariff set"),
    "contribution_set": _("Rate of the social contribution set"),
    "agreement_added": _("Agreement added"),
    "agreement_ended": _("Agreement’s last day changed"),
    "period_added": _("Funding period added"),
    "period_paused": _("Funding paused"),
    "period_ended": _("Funding ended"),
    "payers_switched": _("Payers changed from a day on"),
    "cost_posted": _("Cost posted"),
    "cost_reversed": _("Cost reversed"),
    "opening_posted": _("Opening balance posted"),
    "month_closed": _("Month closed"),
    "month_reopened": _("Month reopened"),
    "month_run": _("Monthly run done"),
    "month_run_refused": _("Monthly run refused"),
    "act_issued": _("Act issued"),
    "act_signed": _("Act signed"),
    "act_cancelled": _("Act cancelled"),
    "invoice_issued": _("Invoice issued"),
    "invoice_voided": _("Invoice voided"),
    "paper_added": _("Paper added"),
    "payment_entered": _("Payment entered"),
    "payment_matched": _("Payment matched"),
    "payment_unmatched": _("Match undone"),
    "payment_returned": _("Money sent back"),
    "payment_misdirected": _("Payment marked as not ours"),
    "stripe_begun": _("Payer uses Stripe"),
    "stripe_left": _("Payer no longer uses Stripe"),
    "stripe_again": _("Tried again at Stripe"),
    "stripe_switched": _("Payers changed at Stripe from a day on"),
    "statement_imported": _("Bank statement imported"),
    "line_set_aside": _("Line of a statement set aside"),
    "line_taken_back": _("Line of a statement taken back"),
    "link_made": _("Link to a report made"),
    "link_revoked": _("Link to a report revoked"),
    "report_saved": _("Report saved"),
    "report_removed": _("Saved report removed"),
    "viewer_invited": _("Viewer invited"),
    "viewer_invited_again": _("Viewer’s invitation sent again"),
    "viewer_closed": _("Viewer’s access ended"),
    "viewer_opened": _("Viewer’s access given back"),
    "scope_added": _("Viewer sees more"),
    "scope_removed": _("Viewer sees less"),
}


def add_words(words: dict[str, str | Promise]) -> None:
    """Actions of what is built upon the ledger, told in its history; called once at start."""
    WORDS.update(words)


def words_of(action: str) -> str:
    """The action for people."""
    return str(WORDS.get(action, action))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Iterable):
        return [_plain(inner) for inner in value]
    return str(value)


def _own(subject: models.Model, kind: type[models.Model], name: str) -> int | None:
    """The subject itself where it is of this kind, else what it points to."""
    own: int | None = subject.pk if isinstance(subject, kind) else getattr(subject, name, None)
    return own


def note(
    *,
    by: Actor,
    action: str,
    subject: models.Model,
    payer_id: int | None = None,
    account_id: int | None = None,
    reason: str = "",
    **detail: Any,
) -> LedgerEvent:
    """Appends one row; call it inside the transaction of the action.

    The payer and the city are the subject's own unless they are given. Raises LookupError for an
    action without words.
    """
    if action not in WORDS:
        raise LookupError(action)
    event: LedgerEvent = LedgerEvent.objects.create(
        actor_kind=by.kind,
        actor_id=by.id,
        action=action,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        payer_id=payer_id or _own(subject, Payer, "payer_id"),
        account_id=account_id or _own(subject, CityAccount, "account_id"),
        reason=reason[:300],
        detail=_plain(detail),
    )
    return event
