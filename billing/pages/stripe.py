"""How the ledger's mirror at Stripe is doing; nothing here asks Stripe itself."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.errors import LedgerRefused
from billing.models import Payer, StripeEvent, StripeObject
from billing.pages.showing import Action, Shown, show
from billing.reports.tables import Column, Kind, Row, Table
from billing.states import StripeStatus
from billing.stripe import driving
from billing.stripe.intents import is_on
from billing.stripe.payers import use_stripe

MOST = 50


def _require_on() -> None:
    """Without an account at Stripe there is no page about it."""
    if not is_on():
        raise Http404


@access.staff(Permission.LEDGER)
@require_safe
def stripe(request: HttpRequest) -> HttpResponse:
    """What is done, waits and failed, and what Stripe told last. Four queries."""
    _require_on()
    open_rows = StripeObject.objects.exclude(status=StripeStatus.DONE).order_by("status", "pk")
    unfinished = list(open_rows.select_related("payer", "account", "invoice")[:MOST])
    events = list(StripeEvent.objects.order_by("-created", "-pk")[:MOST])
    may = access.may(request, Permission.FINANCE)
    again = Action(_("Try again"), reverse("finance:stripe_again"), True, is_post=True)
    page = Shown(
        title="Stripe",
        lead=_("Invoices of payers that use Stripe are sent by it too. The ledger decides."),
        actions=[again] if may and unfinished else [],
        tables=[_counts_table(), _unfinished_table(unfinished), _events_table(events)],
    )
    return show(request, page)


def _counts_table() -> Table:
    def of(status: StripeStatus) -> Count:
        return Count("pk", filter=Q(status=status))

    counts = StripeObject.objects.aggregate(
        done=of(StripeStatus.DONE), waiting=of(StripeStatus.WAITING), failed=of(StripeStatus.FAILED)
    )
    return Table(
        "counts",
        _("State"),
        [Column(_("What")), Column(_("How many"), Kind.NUMBER)],
        [
            Row([_("Done"), counts["done"]]),
            Row([_("Waits"), counts["waiting"]]),
            Row([_("Failed"), counts["failed"]]),
            Row([_("Payers that use Stripe"), Payer.objects.exclude(stripe_since=None).count()]),
        ],
    )


def _unfinished_table(rows: list[StripeObject]) -> Table:
    return Table(
        "unfinished",
        _("Unfinished"),
        [
            Column(_("What")),
            Column(_("Has to come to")),
            Column(_("Payer")),
            Column(_("City")),
            Column(_("State")),
            Column(_("Tries"), Kind.NUMBER),
            Column(_("What Stripe says")),
        ],
        [
            Row(
                [
                    _title(row),
                    row.get_goal_display(),
                    row.payer.name if row.payer else None,
                    row.account.name if row.account else None,
                    row.get_status_display(),
                    row.attempts,
                    row.error or None,
                ],
                _address(row),
            )
            for row in rows
        ],
        _("What waits is tried again by itself; what failed waits for you."),
    )


def _title(row: StripeObject) -> str:
    label = str(row.get_kind_display())
    return f"{label} № {row.invoice.label}" if row.invoice else label


def _address(row: StripeObject) -> str:
    if row.invoice_id:
        return reverse("finance:invoice", args=[row.invoice_id])
    return reverse("finance:payer", args=[row.payer_id]) if row.payer_id else ""


def _events_table(events: list[StripeEvent]) -> Table:
    return Table(
        "events",
        _("Last messages from Stripe"),
        [Column(_("What")), Column(_("About")), Column(_("When")), Column(_("State"))],
        [
            Row(
                [
                    row.type,
                    row.object_id,
                    date_format(timezone.localtime(row.created), "SHORT_DATETIME_FORMAT"),
                    row.error or (_("Done") if row.handled_at else _("Waits")),
                ]
            )
            for row in events
        ],
    )


@access.staff(Permission.FINANCE)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Everything that is unfinished, at once: what is done at Stripe is not done twice."""
    _require_on()
    number = driving.try_again(by=access.actor_of(request))
    text = ngettext("%(number)d is tried again.", "%(number)d are tried again.", number)
    messages.success(request, text % {"number": number})
    return redirect("finance:stripe")


@access.staff(Permission.FINANCE)
@require_POST
def toggle_payer(request: HttpRequest, pk: int) -> HttpResponse:
    """The payer's invoices are sent by Stripe too, or no longer."""
    _require_on()
    payer = get_object_or_404(Payer, pk=pk)
    try:
        use_stripe(by=access.actor_of(request), payer=payer, uses=payer.stripe_since is None)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("finance:payer", pk=pk)
