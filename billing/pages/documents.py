"""Acts and invoices: lists, one of each, the signed copy, taking back."""

from collections.abc import Callable, Iterable

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, F, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from billing.documents import acts as actions
from billing.documents import drafts
from billing.documents.papers import keep_paper
from billing.models import Act, Invoice, Paper, PaymentMatch
from billing.pages.fields import DayField, MoneyForm
from billing.pages.frame import Crumbs, FormPage, ask_reason, show_form
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.reports.drill import lines_of
from billing.reports.drill_tables import lines_table
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from billing.states import ActState, InvoiceState, PaperKind
from billing.wording import day_text, money_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


class SignForm(MoneyForm):
    signed_on = DayField(label=gettext_lazy("Day of the signature"))
    copy = forms.FileField(
        label=gettext_lazy("Signed copy"),
        help_text=gettext_lazy("PDF, JPEG, PNG or a signed container (p7s, asice), up to 10 MB."),
    )


def acts_table(rows: Iterable[Act]) -> Table:
    """Rows with payer and account at hand."""
    return Table(
        "acts",
        _("Acts"),
        [
            Column(_("Act")),
            Column(_("City")),
            Column(_("Payer")),
            Column(_("Month"), Kind.MONTH),
            Column(_("State")),
            Column(_("Signed on"), Kind.DAY),
            Column(_("Sum, UAH"), Kind.MONEY),
        ],
        [
            Row(
                [
                    f"№ {act.label}",
                    act.account.name,
                    act.payer.name,
                    act.month,
                    act.get_state_display(),
                    act.signed_on,
                    act.amount,
                ],
                reverse("finance:act", args=[act.pk]),
            )
            for act in rows
        ],
    )


def _acts_crumbs(act: Act | None = None) -> Crumbs:
    crumbs = [(_("Documents"), reverse("finance:acts"))]
    if act is not None:
        number = _("Act № %(number)s") % {"number": act.label}
        crumbs.append((number, reverse("finance:act", args=[act.pk])))
    return crumbs


@access.staff(Permission.LEDGER)
@require_safe
def acts(request: HttpRequest) -> HttpResponse:
    """All acts, newest first; three queries a page."""
    state = request.GET.get("state", "")
    numbers = dict(Act.objects.values_list("state").annotate(Count("pk")).order_by())
    rows = Act.objects.select_related("payer", "account").order_by("-pk")
    if state in ActState.values:
        rows = rows.filter(state=state)
    pages = Pages(page_number(request.GET), rows.count(), address_of(state=state))
    table = acts_table(rows[pages.offset : pages.offset + pages.size])
    filters = [Filter(_("All"), "?", not state)]
    filters += [
        Filter(str(label), f"?state={value}", value == state, numbers.get(value, 0))
        for value, label in ActState.choices
    ]
    page = Shown(
        title=_("Acts"),
        actions=[Action(_("Invoices"), reverse("finance:invoices"))],
        filters=filters,
        tables=[table],
        pages=pages,
        empty=None
        if table.rows
        else Empty(_("No act is here"), _("The run of a city’s month issues its acts.")),
    )
    return show(request, page)


@access.staff(Permission.LEDGER)
@require_safe
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One act with its lines and its invoice."""
    row = get_object_or_404(
        Act.objects.select_related("payer", "account", "agreement", "signed_copy"), pk=pk
    )
    facts = [
        (_("City"), row.account.name),
        (_("Payer"), row.payer.name),
        (_("Agreement"), row.agreement.number),
        (_("Month"), day_text(row.month, "F Y")),
        (_("Issued on"), day_text(row.issued_on)),
        (_("Sum"), money_text(row.amount)),
    ]
    if row.signed_on:
        facts.append((_("Signed on"), day_text(row.signed_on)))
    if row.cancelled_reason:
        facts.append((_("Reason"), row.cancelled_reason))
    page = Shown(
        title=_("Act № %(number)s") % {"number": row.label},
        crumbs=_acts_crumbs(),
        badge=row.get_state_display(),
        actions=_act_actions(row, may=access.may(request, Permission.FINANCE)),
        facts=facts,
        tables=[
            lines_table(lines_of(row)),
            invoices_table(row.invoices.select_related("payer", "account")),
        ],
    )
    return show(request, page)


def _act_actions(row: Act, *, may: bool) -> list[Action]:
    found = [
        Action(_("Act as PDF"), reverse("finance:act_pdf", args=[row.pk])),
        Action(_("Act as DOCX"), reverse("finance:act_docx", args=[row.pk])),
    ]
    if row.signed_copy_id:
        found.append(Action(_("Signed copy"), reverse("finance:paper", args=[row.signed_copy_id])))
    if may and row.state == ActState.ISSUED:
        found += [
            Action(_("The signed copy is here"), reverse("finance:sign_act", args=[row.pk]), True),
            Action(_("Cancel the act"), reverse("finance:cancel_act", args=[row.pk])),
        ]
    return found


@access.staff(Permission.LEDGER)
@require_safe
def act_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The act to be printed and signed by both sides."""
    row = get_object_or_404(Act.objects.select_related("account"), pk=pk)
    back = reverse("finance:act", args=[row.pk])
    name = f"akt-{row.account.slug}-{row.number}-{row.year}.pdf"
    return _drawn(request, lambda: drafts.act_of(row).pdf(), name, back)


@access.staff(Permission.LEDGER)
@require_safe
def act_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same act, for a side that has its own wording to add."""
    row = get_object_or_404(Act.objects.select_related("account"), pk=pk)
    back = reverse("finance:act", args=[row.pk])
    name = f"akt-{row.account.slug}-{row.number}-{row.year}.docx"
    return _drawn(request, lambda: drafts.act_of(row).docx(), name, back, DOCX)


def _drawn(
    request: HttpRequest,
    draw: Callable[[], bytes],
    name: str,
    back: str,
    content_type: str = "application/pdf",
) -> HttpResponse:
    """The paper, or the way back with what is missing."""
    try:
        content = draw()
    except drafts.NoContractor as refusal:
        messages.error(
            request,
            _("%(what)s Choose it at the city’s agreement.") % {"what": refusal.sentence},
        )
        return redirect(back)
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def sign_act(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed copy with its date: from then on the sum is accrued."""
    row = get_object_or_404(Act, pk=pk)
    form = SignForm(request.POST or None, request.FILES or None)
    back = reverse("finance:act", args=[row.pk])
    page = FormPage(
        title=_("The signed copy is here"),
        button=_("Keep"),
        crumbs=_acts_crumbs(row),
        back=back,
        lines=[_("From the day of the signature the sum counts as accrued.")],
        is_upload=True,
    )

    def act() -> None:
        by, data = access.actor_of(request), form.cleaned_data
        with transaction.atomic():
            copy = keep_paper(
                by=by,
                kind=PaperKind.SIGNED_ACT,
                upload=data["copy"],
                number=row.label,
                dated_on=data["signed_on"],
                agreement=row.agreement,
            )
            actions.sign(by=by, act=row, signed_on=data["signed_on"], copy=copy)

    return show_form(request, page, form, act, _("The act is signed."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def cancel_act(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Act, pk=pk)
    back = reverse("finance:act", args=[row.pk])
    page = FormPage(
        title=_("Cancel the act"),
        button=_("Cancel the act"),
        crumbs=_acts_crumbs(row),
        back=back,
        lines=[
            _("Its number stays used, its invoice becomes void, its costs wait for another act.")
        ],
        danger=True,
    )

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return actions.cancel(by=by, act=row, reason=reason)

    return ask_reason(request, page, act, _("The act is cancelled."))


# --- Invoices -------------------------------------------------------------------------------------

_OPEN = Q(state=InvoiceState.ISSUED) & ~Q(matched=F("amount"))


def invoices_table(rows: Iterable[Invoice]) -> Table:
    """Rows with payer and account at hand."""
    return Table(
        "invoices",
        _("Invoices"),
        [
            Column(_("Invoice")),
            Column(_("City")),
            Column(_("Payer")),
            Column(_("Month"), Kind.MONTH),
            Column(_("Due on"), Kind.DAY),
            Column(_("State")),
            Column(_("Sum, UAH"), Kind.MONEY),
            Column(_("Open, UAH"), Kind.MONEY),
        ],
        [
            Row(
                [
                    f"№ {row.label}",
                    row.account.name,
                    row.payer.name,
                    row.month,
                    row.due_on,
                    state_of(row),
                    row.amount,
                    row.open_amount,
                ],
                reverse("finance:invoice", args=[row.pk]),
            )
            for row in rows
        ],
    )


def state_of(row: Invoice) -> str:
    """Paid or overdue is computed, never stored."""
    if row.state == InvoiceState.VOID:
        return _("void")
    if not row.open_amount:
        return _("paid")
    if row.due_on < clock.today():
        return _("overdue")
    return _("paid in part") if row.matched else _("open")


@access.staff(Permission.LEDGER)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Open ones first asked for, then all; three queries a page."""
    which = request.GET.get("which", "open")
    wheres = {
        "open": _OPEN,
        "overdue": _OPEN & Q(due_on__lt=clock.today()),
        "paid": Q(state=InvoiceState.ISSUED, matched=F("amount")),
        "void": Q(state=InvoiceState.VOID),
        "all": Q(),
    }
    which = which if which in wheres else "open"
    rows = Invoice.objects.filter(wheres[which]).select_related("payer", "account")
    pages = Pages(page_number(request.GET), rows.count(), address_of(which=which))
    table = invoices_table(rows.order_by("-pk")[pages.offset : pages.offset + pages.size])
    labels = {
        "open": _("Open"),
        "overdue": _("Overdue"),
        "paid": _("Paid"),
        "void": _("Void"),
        "all": _("All"),
    }
    page = Shown(
        title=_("Invoices"),
        actions=[Action(_("Acts"), reverse("finance:acts"))],
        filters=[Filter(label, f"?which={key}", key == which) for key, label in labels.items()],
        tables=[table],
        pages=pages,
        empty=None if table.rows else Empty(_("No invoice is like this")),
    )
    return show(request, page)


@access.staff(Permission.LEDGER)
@require_safe
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice and what pays it."""
    row = get_object_or_404(Invoice.objects.select_related("payer", "account", "act"), pk=pk)
    may = access.may(request, Permission.FINANCE)
    found = [Action(_("Invoice as PDF"), reverse("finance:invoice_pdf", args=[row.pk]))]
    if may and row.state == InvoiceState.ISSUED and not row.matched:
        found.append(Action(_("Take back"), reverse("finance:void_invoice", args=[row.pk])))
    page = Shown(
        title=_("Invoice № %(number)s") % {"number": row.label},
        crumbs=[(_("Invoices"), reverse("finance:invoices"))],
        badge=state_of(row),
        actions=found,
        facts=[
            (_("City"), row.account.name),
            (_("Payer"), row.payer.name),
            (_("Act"), f"№ {row.act.label}"),
            (_("Month"), day_text(row.month, "F Y")),
            (_("Issued on"), day_text(row.issued_on)),
            (_("Due on"), day_text(row.due_on)),
            (_("Sum"), money_text(row.amount)),
            (_("Open"), money_text(row.open_amount)),
        ],
        tables=[matches_table(PaymentMatch.objects.filter(invoice=row), may=False)],
    )
    return show(request, page)


@access.staff(Permission.LEDGER)
@require_safe
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The bill to be sent to the payer."""
    row = get_object_or_404(Invoice.objects.select_related("account", "act"), pk=pk)
    back = reverse("finance:invoice", args=[row.pk])
    name = f"rahunok-{row.account.slug}-{row.number}-{row.year}.pdf"
    return _drawn(request, lambda: drafts.invoice_of(row).pdf(), name, back)


def matches_table(rows: Iterable[PaymentMatch], *, may: bool) -> Table:
    """What pays what; a match that stands leads to undoing it."""
    matches = list(rows)
    undone = {match.reverses_id for match in matches}
    return Table(
        "matches",
        _("Payments and invoices"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("Payment")),
            Column(_("Invoice")),
            Column(_("Sum, UAH"), Kind.MONEY),
        ],
        [
            Row(
                [
                    match.payment.received_on,
                    str(match.payment_id),
                    f"№ {match.invoice.label}",
                    match.amount,
                ],
                reverse("finance:unmatch", args=[match.pk])
                if may and not match.reverses_id and match.pk not in undone
                else "",
            )
            for match in matches
        ],
        _("A match’s day leads to undoing it.") if may and matches else "",
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def void_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Invoice, pk=pk)
    back = reverse("finance:invoice", args=[row.pk])
    page = FormPage(
        title=_("Take back invoice № %(number)s") % {"number": row.label},
        button=_("Take back"),
        crumbs=[(_("Invoices"), reverse("finance:invoices"))],
        back=back,
        lines=[_("The act stays; it may get another invoice.")],
        danger=True,
    )

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return actions.void(by=by, invoice=row, reason=reason)

    return ask_reason(request, page, act, _("The invoice is void."))


@access.staff(Permission.LEDGER)
@require_safe
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """A scan or container, as a download; 404 where the storage has lost it."""
    row = get_object_or_404(Paper, pk=pk)
    try:
        file = row.file.open()
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(
        file, as_attachment=True, filename=row.file_name, content_type=row.content_type
    )
