"""One line of a statement: what it may pay, and each decision that a person can make of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import number_of, text_of
from billing.bank import deciding
from billing.bank.deciding import Decided
from billing.bank.statements.lines import ASIDE, POSTED, UNDECIDED, state_of
from billing.bank.suggested import Suggestion
from billing.bank.suggestions import suggest
from billing.errors import LedgerRefused
from billing.models import Invoice, Payer, Payment, StatementLine
from billing.pages.fields import MoneyForm, RowField
from billing.pages.frame import Crumbs, FormPage, ask_reason, show_form
from billing.pages.showing import Action
from billing.pages.statements import LineRow, state_labels, title_of
from billing.pages.suggestion_words import said
from billing.pages.uploads import crumbs
from billing.states import InvoiceState
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
_MOST_FOUND = 50
# An EDRPOU code has eight digits: no number of an invoice is so long.
_CODE = 8
# Six invoices with their sums.
_LONGEST_KEY = 400


def _payer_name(payer: Payer) -> str:
    return str(payer.name)


def _payment_label(row: Payment) -> str:
    name = row.payer.name if row.payer else _("nobody knows yet")
    return f"{day_text(row.received_on)}, {name}: {money_text(row.free_amount)}"


class PayerForm(MoneyForm):
    payer = RowField(
        label=gettext_lazy("Payer"),
        named=_payer_name,
        required=False,
        empty_label=gettext_lazy("Nobody knows yet"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("payer", Payer.objects.order_by("name"))


class ReturnForm(MoneyForm):
    payment = RowField(label=gettext_lazy("Payment that is sent back"), named=_payment_label)

    def __init__(self, line: StatementLine, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Payment.objects.filter(
            amount__gte=F("matched") + F("returned") - line.amount, received_on__lte=line.booked_on
        )
        self.offer("payment", rows.select_related("payer").order_by("-received_on", "-pk"))


def _line(pk: int) -> StatementLine:
    rows = StatementLine.objects.select_related("statement", "payment__payer")
    return get_object_or_404(rows, pk=pk)


def _title(row: StatementLine) -> str:
    return _("Line %(number)d of %(day)s") % {
        "number": row.number,
        "day": day_text(row.booked_on),
    }


def _crumbs(row: StatementLine, *, below: bool = True) -> Crumbs:
    above = (title_of(row.statement), reverse("finance:statement", args=[row.statement_id]))
    own = [(_title(row), _at("line", row))] if below else []
    return crumbs(above, *own)


def _at(name: str, row: StatementLine) -> str:
    return reverse(f"finance:{name}", args=[row.pk])


def _tell(request: HttpRequest, decided: Decided) -> str:
    """Says what happened; where to go: the payment."""
    if decided.made:
        messages.success(request, _("The line is posted."))
    else:
        messages.info(request, _("The line was posted before; nothing was posted twice."))
    return reverse("finance:payment", args=[decided.payment.pk])


@dataclass(frozen=True)
class SuggestionRow:
    suggestion: Suggestion
    words: str
    rest: str


@access.staff(Permission.LEDGER)
@require_safe
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """The movement as the bank told it, what it may pay and why."""
    row = _line(pk)
    state = state_of(row)
    found = suggest([row])[row.pk] if state == UNDECIDED else []
    may = access.may(request, Permission.FINANCE)
    context = {
        "line": row,
        "title": _title(row),
        "crumbs": _crumbs(row, below=False),
        "badge": state_labels()[state],
        "facts": _facts(row),
        "suggestions": [
            SuggestionRow(one, said(one), money_text(one.rest) if one.rest else "") for one in found
        ],
        "is_undecided": state == UNDECIDED,
        "is_foreign": row.currency != "UAH",
        "actions": _actions(row, state) if may else [],
        "may": may,
    }
    return render(request, "billing/pages/line.html", context)


def _facts(row: StatementLine) -> list[tuple[str, str]]:
    facts = [
        (_("Sum"), LineRow(row, "").sum_text),
        (_("Other side"), row.payer_name or "—"),
        (_("EDRPOU code"), row.payer_edrpou or "—"),
        (_("Account"), row.payer_iban or "—"),
        (_("Purpose"), row.purpose or "—"),
        (_("Number of the payment"), row.reference or "—"),
    ]
    if row.is_reversal:
        facts.append((_("Kind"), _("The bank took a movement back")))
    if row.set_aside_reason:
        facts.append((_("Reason"), row.set_aside_reason))
    return facts


def _actions(row: StatementLine, state: str) -> list[Action]:
    if state == POSTED:
        url = reverse("finance:payment", args=[row.payment.pk])
        return [Action(_("The payment"), url, is_main=True)]
    if state == ASIDE:
        return [Action(_("Take up again"), _at("take_back", row), is_main=True, is_post=True)]
    aside = Action(_("Set aside"), _at("set_aside", row))
    if row.currency != "UAH":
        return [aside]
    if row.amount < 0:
        return [Action(_("Choose what it sends back"), _at("line_return", row)), aside]
    return [
        Action(_("Find an invoice"), _at("line_invoice", row)),
        Action(_("Post without an invoice"), _at("post_unmatched", row)),
        aside,
    ]


@access.staff(Permission.FINANCE)
@require_POST
def post_line(request: HttpRequest, pk: int) -> HttpResponse:
    """«Post and match»: the suggestion that stood beside the button."""
    row = _line(pk)
    try:
        decided = deciding.post_suggested(
            by=access.actor_of(request), line=row, key=text_of(request.POST, "key", _LONGEST_KEY)
        )
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(_at("line", row))
    return redirect(_tell(request, decided))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def find_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Open invoices by number, city or payer; the chosen one is paid as far as the money goes."""
    row = _line(pk)
    if request.method == "POST":
        invoice = get_object_or_404(Invoice, pk=max(number_of(request.POST, "invoice"), 0))
        amount = min(row.amount, invoice.open_amount)
        try:
            decided = deciding.post(
                by=access.actor_of(request), line=row, shares=[(invoice.pk, amount)]
            )
        except LedgerRefused as refusal:
            messages.error(request, refusal.sentence)
            return redirect(_at("line_invoice", row))
        return redirect(_tell(request, decided))
    q = text_of(request.GET, "q")
    found = [(one, f"№ {one.label}", money_text(one.open_amount)) for one in _open_invoices(q)]
    context = {
        "line": row,
        "title": _("Find an invoice"),
        "crumbs": _crumbs(row),
        "sum": LineRow(row, "").sum_text,
        "q": q,
        "found": found,
    }
    return render(request, "billing/pages/line_invoice.html", context)


def _open_invoices(q: str) -> Any:
    """The newest that fit the words; all without words."""
    rows = Invoice.objects.filter(state=InvoiceState.ISSUED, amount__gt=F("matched"))
    number, _slash, year = q.removeprefix("№").strip().partition("/")
    if number.isascii() and number.isdigit() and len(number) < _CODE:
        rows = rows.filter(number=int(number))
        if year.isascii() and year.isdigit() and len(year) == 4:
            rows = rows.filter(year=int(year))
    elif q:
        rows = rows.filter(
            Q(payer__name__icontains=q)
            | Q(payer__edrpou=q)
            | Q(account__name_uk__icontains=q)
            | Q(account__name_en__icontains=q)
            | Q(agreement__number__icontains=q)
        )
    return rows.select_related("payer", "account").order_by("-month", "-pk")[:_MOST_FOUND]


@access.staff(Permission.FINANCE)
@GET_OR_POST
def post_unmatched(request: HttpRequest, pk: int) -> HttpResponse:
    """The money is entered and pays nothing yet."""
    row = _line(pk)
    payer = Payer.objects.filter(edrpou=row.payer_edrpou).exclude(edrpou="").first()
    form = PayerForm(request.POST if request.method == "POST" else None, initial={"payer": payer})
    page = FormPage(
        title=_("Post without an invoice"),
        button=_("Post"),
        crumbs=_crumbs(row),
        back=_at("line", row),
        lines=[
            _("%(sum)s waits in the bank until somebody says what it pays.")
            % {"sum": money_text(row.amount)}
        ],
    )

    def act() -> str:
        decided = deciding.post(
            by=access.actor_of(request), line=row, payer=form.cleaned_data["payer"]
        )
        return reverse("finance:payment", args=[decided.payment.pk])

    return show_form(request, page, form, act, _("The line is posted."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def choose_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Which payment went back with this line."""
    row = _line(pk)
    form = ReturnForm(row, request.POST or None)
    page = FormPage(
        title=_("Choose what it sends back"),
        button=_("Post"),
        crumbs=_crumbs(row),
        back=_at("line", row),
        lines=[_("Only payments with enough free money are offered.")],
    )

    def act() -> str:
        payment = form.cleaned_data["payment"]
        decided = deciding.send_back(by=access.actor_of(request), line=row, payment=payment)
        return reverse("finance:payment", args=[decided.payment.pk])

    return show_form(request, page, form, act, _("It is entered that the money went back."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    row = _line(pk)
    page = FormPage(
        title=_("Set aside"),
        button=_("Set aside"),
        crumbs=_crumbs(row),
        back=reverse("finance:statement", args=[row.statement_id]),
        lines=[_("It is not about the ledger. It may be taken back.")],
    )
    by = access.actor_of(request)

    def act(reason: str) -> object:
        return deciding.set_aside(by=by, line=row, reason=reason)

    return ask_reason(request, page, act, _("The line is set aside."))


@access.staff(Permission.FINANCE)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    row = _line(pk)
    deciding.take_back(by=access.actor_of(request), line=row)
    messages.success(request, _("The line waits for a decision again."))
    return redirect(_at("line", row))
