"""Payments: what came, what it pays, what goes back."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.bank import payments as actions
from billing.models import Invoice, Payer, Payment, PaymentMatch
from billing.pages.documents import matches_table
from billing.pages.fields import DayField, MoneyField, MoneyForm, ReasonForm, RowField
from billing.pages.frame import Crumbs, FormPage, ask_reason, show_form
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from billing.states import InvoiceState, PaymentKind
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _payer_name(payer: Payer) -> str:
    return str(payer.name)


def _invoice_label(row: Invoice) -> str:
    return f"№ {row.label}, {row.payer.name}, {row.account.name}: {money_text(row.open_amount)}"


class PaymentForm(MoneyForm):
    """`once`: made with the page, so that a second press enters nothing."""

    payer = RowField(
        label=gettext_lazy("Payer"),
        named=_payer_name,
        required=False,
        empty_label=gettext_lazy("Nobody knows yet"),
    )
    received_on = DayField(label=gettext_lazy("Received on"))
    amount = MoneyField(label=gettext_lazy("Sum, UAH"))
    reference = forms.CharField(
        label=gettext_lazy("Number of the payment"), max_length=140, required=False
    )
    note_text = forms.CharField(
        label=gettext_lazy("Purpose, as the bank tells it"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("payer", Payer.objects.order_by("name"))


class MatchForm(MoneyForm):
    invoice = RowField(label=gettext_lazy("Invoice"), named=_invoice_label)
    amount = MoneyField(label=gettext_lazy("Sum, UAH"))

    def __init__(self, payment: Payment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("invoice", open_invoices(payment))


class SendBackForm(ReasonForm):
    on = DayField(label=gettext_lazy("Sent back on"))
    amount = MoneyField(label=gettext_lazy("Sum, UAH"))
    field_order = ["on", "amount", "reason"]


def open_invoices(payment: Payment) -> Any:
    """Those that the payment may pay, of its payer where that is known; oldest first."""
    rows = Invoice.objects.filter(state=InvoiceState.ISSUED).exclude(matched=F("amount"))
    if payment.payer_id:
        rows = rows.filter(payer_id=payment.payer_id)
    return rows.select_related("payer", "account").order_by("month", "pk")


def suggested(payment: Payment) -> Invoice | None:
    """The oldest open invoice of exactly the free sum, else the oldest: offered, never posted."""
    rows = list(open_invoices(payment)[:200])
    exact = [row for row in rows if row.open_amount == payment.free_amount]
    return next(iter([*exact, *rows]), None)


def _crumbs(payment: Payment | None = None) -> Crumbs:
    crumbs = [(_("Bank"), reverse("finance:bank"))]
    if payment is not None:
        crumbs.append((_title(payment), reverse("finance:payment", args=[payment.pk])))
    return crumbs


def _title(payment: Payment) -> str:
    return _("Payment of %(day)s") % {"day": day_text(payment.received_on)}


@access.staff(Permission.LEDGER)
@require_safe
def bank(request: HttpRequest) -> HttpResponse:
    """Money that pays nothing yet, or all of it; two queries a page."""
    free = Q(amount__gt=F("matched") + F("returned")) & Q(amount__gt=0)
    which = "all" if request.GET.get("which") == "all" else "free"
    rows = Payment.objects.select_related("payer").order_by("-received_on", "-pk")
    if which == "free":
        rows = rows.filter(free)
    pages = Pages(page_number(request.GET), rows.count(), address_of(which=which))
    shown = rows[pages.offset : pages.offset + pages.size]
    table = Table(
        "payments",
        _("Payments"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("Payer")),
            Column(_("Kind")),
            Column(_("Sum, UAH"), Kind.MONEY),
            Column(_("Free, UAH"), Kind.MONEY),
        ],
        [
            Row(
                [
                    row.received_on,
                    row.payer.name if row.payer else None,
                    row.get_kind_display(),
                    row.amount,
                    row.free_amount,
                ],
                reverse("finance:payment", args=[row.pk]),
            )
            for row in shown
        ],
    )
    page = Shown(
        title=_("Bank"),
        lead=_("Nothing is posted by itself: each payment is matched by a person."),
        actions=[
            Action(_("Bank statements"), reverse("finance:statements")),
            *(
                [Action(_("Enter a payment"), reverse("finance:new_payment"), is_main=True)]
                if access.may(request, Permission.FINANCE)
                else []
            ),
        ],
        filters=[
            Filter(_("Pays nothing yet"), "?which=free", which == "free"),
            Filter(_("All"), "?which=all", which == "all"),
        ],
        tables=[table],
        pages=pages,
        empty=None if table.rows else Empty(_("No money waits here")),
    )
    return show(request, page)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_payment(request: HttpRequest) -> HttpResponse:
    form = PaymentForm(request.POST or None, initial={"once": uuid4()})
    page = FormPage(_("Enter a payment"), _("Enter"), _crumbs(), reverse("finance:bank"))

    def act() -> str:
        data = dict(form.cleaned_data)
        made = actions.enter(
            by=access.actor_of(request), source_key=f"hand:{data.pop('once')}", **data
        )
        return reverse("finance:payment", args=[made.pk])

    return show_form(request, page, form, act, _("The payment is entered."))


@access.staff(Permission.LEDGER)
@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment and what it pays."""
    row = get_object_or_404(Payment.objects.select_related("payer"), pk=pk)
    may = access.may(request, Permission.FINANCE)
    matches = PaymentMatch.objects.filter(payment=row).select_related("payment", "invoice")
    page = Shown(
        title=_title(row),
        crumbs=_crumbs(),
        badge=row.get_kind_display(),
        actions=_payment_actions(row) if may and row.free_amount > 0 else [],
        facts=[
            (_("Payer"), row.payer.name if row.payer else "—"),
            (_("Sum"), money_text(row.amount)),
            (_("Pays nothing yet"), money_text(row.free_amount)),
            (_("Sent back"), money_text(row.returned)),
            (_("Source"), row.get_source_display()),
            (_("Number of the payment"), row.reference or "—"),
            (_("Note"), row.note or "—"),
        ],
        tables=[matches_table(matches.order_by("pk"), may=may)],
    )
    return show(request, page)


def _payment_actions(row: Payment) -> list[Action]:
    def at(name: str) -> str:
        return reverse(f"finance:{name}", args=[row.pk])

    back = Action(_("Send back"), at("send_back"))
    if row.kind == PaymentKind.MISDIRECTED:
        return [back]
    found = [Action(_("Pay an invoice from it"), at("match_payment"), is_main=True), back]
    return found if row.matched else [*found, Action(_("Not ours"), at("misdirected"))]


@access.staff(Permission.FINANCE)
@GET_OR_POST
def match_payment(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Payment, pk=pk)
    offered = suggested(row)
    amount = min(row.free_amount, offered.open_amount) if offered else row.free_amount
    form = MatchForm(row, request.POST or None, initial={"invoice": offered, "amount": amount})
    back = reverse("finance:payment", args=[row.pk])
    page = FormPage(
        title=_("Pay an invoice from it"),
        button=_("Match"),
        crumbs=_crumbs(row),
        back=back,
        lines=[
            _("%(free)s of this payment pays nothing yet.") % {"free": money_text(row.free_amount)}
        ],
    )

    def act() -> None:
        actions.match(by=access.actor_of(request), payment=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("The payment is matched."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def unmatch(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PaymentMatch.objects.select_related("payment", "invoice"), pk=pk)
    back = reverse("finance:payment", args=[row.payment_id])
    page = FormPage(
        title=_("Undo a match"),
        button=_("Undo"),
        crumbs=_crumbs(row.payment),
        back=back,
        lines=[
            _("%(sum)s of invoice № %(number)s becomes open again.")
            % {"sum": money_text(row.amount), "number": row.invoice.label}
        ],
        danger=True,
    )

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return actions.unmatch(by=by, match=row, reason=reason)

    return ask_reason(request, page, act, _("The match is undone."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Payment, pk=pk)
    form = SendBackForm(request.POST or None, initial={"amount": row.free_amount})
    back = reverse("finance:payment", args=[row.pk])
    page = FormPage(_("Send back"), _("Enter"), _crumbs(row), back, danger=True)

    def act() -> None:
        actions.send_back(by=access.actor_of(request), payment=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("It is entered that the money went back."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def misdirected(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Payment, pk=pk)
    back = reverse("finance:payment", args=[row.pk])
    page = FormPage(
        title=_("Not ours"),
        button=_("Mark"),
        crumbs=_crumbs(row),
        back=back,
        lines=[_("It pays nothing and waits to be sent back.")],
        danger=True,
    )

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return actions.mark_misdirected(by=by, payment=row, reason=reason)

    return ask_reason(request, page, act, _("The payment is marked."))
