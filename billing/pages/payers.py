"""Payers, their grants and what came of these."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import text_of
from billing import payers as actions
from billing.errors import LedgerRefused
from billing.funding.labels import agreements_table
from billing.identifiers import normalised_iban
from billing.models import FundingAgreement, Grant, Payer, Tranche
from billing.pages.fields import DayField, MoneyField, MoneyForm
from billing.pages.frame import Crumbs, FormPage, ask_reason, show_form
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from billing.states import PayerKind
from billing.stripe.intents import is_on
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


class PayerForm(MoneyForm, forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """Codes are checked by the model's own validators."""

    class Meta:
        model = Payer
        fields = actions.PAYER_FIELDS
        labels = {
            "kind": gettext_lazy("Kind"),
            "name": gettext_lazy("Name in Ukrainian"),
            "name_en": gettext_lazy("Name in English"),
            "edrpou": gettext_lazy("EDRPOU code"),
            "iban": gettext_lazy("Account (IBAN)"),
            "bank": gettext_lazy("Bank"),
            "budget_code": gettext_lazy("Code of the local budget"),
            "address": gettext_lazy("Address"),
            "signatory": gettext_lazy("Who signs, with the office"),
            "contact_name": gettext_lazy("Contact person"),
            "contact_email": gettext_lazy("Contact’s e-mail"),
            "contact_phone": gettext_lazy("Contact’s phone"),
            "language": gettext_lazy("Language of letters"),
            "notice_uk": gettext_lazy("What the donor asks to be said, in Ukrainian"),
            "notice_en": gettext_lazy("The same in English"),
        }
        help_texts = {
            "edrpou": gettext_lazy("Eight digits. Empty for a foreign donor."),
            "budget_code": gettext_lazy("Eleven digits, for a local budget."),
        }
        widgets = {
            "language": forms.Select(choices=[("uk", "Українська"), ("en", "English")]),
            "notice_uk": forms.Textarea(attrs={"rows": 2}),
            "notice_en": forms.Textarea(attrs={"rows": 2}),
        }

    def clean_iban(self) -> str:
        return normalised_iban(self.cleaned_data["iban"])


class GrantForm(MoneyForm, forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """Lines are typed, one a line: name | sum."""

    amount = MoneyField(label=gettext_lazy("Sum in the grant’s currency"), max_digits=14)
    signed_on = DayField(label=gettext_lazy("Signed on"))
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    lines = forms.CharField(
        label=gettext_lazy("Lines of the budget"),
        required=False,
        help_text=gettext_lazy("One a line: name | sum"),
        widget=forms.Textarea(attrs={"rows": 5, "class": "lines"}),
    )

    class Meta:
        model = Grant
        fields = ("number", "currency", "amount", "signed_on", "starts_on", "ends_on", "note")
        labels = {
            "number": gettext_lazy("Number of the agreement"),
            "currency": gettext_lazy("Currency"),
            "note": gettext_lazy("Note"),
        }
        widgets = {
            "currency": forms.Select(choices=[(code, code) for code in ("UAH", "USD", "EUR")]),
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def clean_lines(self) -> list[actions.Line]:
        money, found = MoneyField(max_digits=14), []
        for number, text in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            if not text.strip():
                continue
            name, separator, amount = text.rpartition("|")
            if not separator or not name.strip():
                raise forms.ValidationError(
                    _("Line %(number)d: a name and a sum with | between them are needed.")
                    % {"number": number}
                )
            found.append(actions.Line(name.strip()[:120], money.clean(amount)))
        return found


class TrancheForm(MoneyForm):
    received_on = DayField(label=gettext_lazy("Received on"))
    amount = MoneyField(label=gettext_lazy("Sum in the grant’s currency"), max_digits=14)
    rate = forms.DecimalField(
        label=gettext_lazy("Hryvnias for one unit"),
        max_digits=14,
        decimal_places=6,
        min_value=0,
        required=False,
        localize=False,
        help_text=gettext_lazy("Empty: the rate that is known for the day. Hryvnias need none."),
    )
    rate_source = forms.CharField(
        label=gettext_lazy("Whose rate"), max_length=120, required=False, initial="НБУ"
    )
    reference = forms.CharField(
        label=gettext_lazy("Number of the payment"), max_length=120, required=False
    )


def payer_crumbs(payer: Payer | None = None) -> Crumbs:
    crumbs = [(_("Payers"), reverse("finance:payers"))]
    if payer is not None:
        crumbs.append((payer.name, reverse("finance:payer", args=[payer.pk])))
    return crumbs


@access.staff(Permission.LEDGER)
@require_safe
def payers(request: HttpRequest) -> HttpResponse:
    """Everybody who pays, or has paid; two queries a page."""
    kind, words = request.GET.get("kind", ""), text_of(request.GET, "q")
    rows = Payer.objects.order_by("-is_active", "name", "pk")
    if kind in PayerKind.values:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(name__icontains=words) | rows.filter(edrpou=words)
    pages = Pages(page_number(request.GET), rows.count(), address_of(kind=kind, q=words))
    shown = rows[pages.offset : pages.offset + pages.size]
    table = Table(
        "payers",
        _("Payers"),
        [Column(_("Name")), Column(_("Kind")), Column(_("EDRPOU code")), Column(_("State"))],
        [
            Row(
                [
                    payer.name,
                    payer.get_kind_display(),
                    payer.edrpou or None,
                    "" if payer.is_active else _("closed"),
                ],
                reverse("finance:payer", args=[payer.pk]),
            )
            for payer in shown
        ],
    )
    may = access.may(request, Permission.FINANCE)
    new = [Action(_("New payer"), reverse("finance:new_payer"), is_main=True)] if may else []
    chosen = [(value, label) for value, label in [("", _("All")), *PayerKind.choices]]
    page = Shown(
        title=_("Payers"),
        lead=_("Donors, local budgets, own funds: who pays for moderators."),
        actions=[
            *new,
            Action(_("Who does the work"), reverse("finance:contractors")),
        ],
        filters=[Filter(str(label), f"?kind={value}", value == kind) for value, label in chosen],
        search=_("Name or EDRPOU code"),
        q=words,
        tables=[table],
        pages=pages,
        empty=None if table.rows else Empty(_("No payer is here yet")),
    )
    return show(request, page)


def _edit(request: HttpRequest, payer: Payer | None) -> HttpResponse:
    form = PayerForm(request.POST or None, instance=payer)
    back = reverse("finance:payer", args=[payer.pk]) if payer else reverse("finance:payers")
    page = FormPage(
        title=_("Change the payer") if payer else _("New payer"),
        button=_("Save"),
        crumbs=payer_crumbs(payer),
        back=back,
    )

    def act() -> str:
        saved = actions.save_payer(by=access.actor_of(request), payer=form.save(commit=False))
        return reverse("finance:payer", args=[saved.pk])

    return show_form(request, page, form, act, _("The payer is saved."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_payer(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def edit_payer(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Payer, pk=pk))


@access.staff(Permission.LEDGER)
@require_safe
def payer(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one payer."""
    row = get_object_or_404(Payer, pk=pk)
    agreements = FundingAgreement.objects.filter(payer=row).select_related("account")
    grants = Grant.objects.filter(payer=row).prefetch_related("tranches").order_by("-starts_on")
    may = access.may(request, Permission.FINANCE)
    page = Shown(
        title=row.name,
        badge=row.get_kind_display(),
        crumbs=payer_crumbs(),
        actions=_payer_actions(row) if may else [],
        warnings=[] if row.is_active else [_("Closed: offered for nothing new.")],
        facts=_facts(row),
        tables=[
            agreements_table(list(agreements.order_by("-starts_on")), names_city=True),
            _grants_table(list(grants), may=may),
            _tranches_table(list(grants), may=may),
        ],
    )
    return show(request, page)


def _payer_actions(row: Payer) -> list[Action]:
    actions_of = [Action(_("Change"), reverse("finance:edit_payer", args=[row.pk]))]
    if row.kind == PayerKind.DONOR:
        actions_of.append(Action(_("New grant"), reverse("finance:new_grant", args=[row.pk])))
    label = _("Close") if row.is_active else _("Open again")
    toggle = reverse("finance:toggle_payer", args=[row.pk])
    if is_on():
        actions_of.append(_stripe_action(row))
    return [*actions_of, Action(label, toggle, is_post=True)]


def _stripe_action(row: Payer) -> Action:
    label = _("No longer by Stripe") if row.stripe_since else _("Invoices by Stripe too")
    return Action(label, reverse("finance:payer_stripe", args=[row.pk]), is_post=True)


def _facts(row: Payer) -> list[tuple[str, Any]]:
    pairs = [
        (_("EDRPOU code"), row.edrpou),
        (_("Account (IBAN)"), row.iban),
        (_("Bank"), row.bank),
        (_("Code of the local budget"), row.budget_code),
        (_("Address"), row.address),
        (_("Who signs"), row.signatory),
        (_("Contact person"), row.contact_name),
        (_("Contact’s e-mail"), row.contact_email),
        (_("Contact’s phone"), row.contact_phone),
        (_("The donor asks to be said"), row.notice_uk),
    ]
    return [(label, value) for label, value in pairs if value] or [(_("Name"), row.name)]


def _grants_table(grants: list[Grant], *, may: bool) -> Table:
    return Table(
        "grants",
        _("Grants"),
        [
            Column(_("Number")),
            Column(_("Currency")),
            Column(_("Sum"), Kind.MONEY),
            Column(_("First day"), Kind.DAY),
            Column(_("Last day"), Kind.DAY),
            Column(_("Report due"), Kind.DAY),
        ],
        [
            Row(
                [g.number, g.currency, g.amount, g.starts_on, g.ends_on, g.report_due],
                reverse("finance:new_tranche", args=[g.pk]) if may else "",
            )
            for g in grants
        ],
        _("A grant’s number leads to entering what came of it.") if may and grants else "",
    )


def _tranches_table(grants: list[Grant], *, may: bool) -> Table:
    undone = {row.reverses_id for grant in grants for row in grant.tranches.all()}
    return Table(
        "tranches",
        _("Received"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("Grant")),
            Column(_("Sum"), Kind.MONEY),
            Column(_("Rate")),
            Column(_("Hryvnias"), Kind.MONEY),
        ],
        [
            Row(
                [t.received_on, grant.number, t.amount, str(t.rate.normalize()), t.amount_uah],
                reverse("finance:reverse_tranche", args=[t.pk])
                if may and not t.reverses_id and t.pk not in undone
                else "",
            )
            for grant in grants
            for t in grant.tranches.all()
        ],
        _("A day leads to the correction of what was entered.") if may else "",
    )


@access.staff(Permission.FINANCE)
@require_http_methods(["POST"])
def toggle_payer(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes a payer, or opens it again."""
    row = get_object_or_404(Payer, pk=pk)
    try:
        actions.set_active(by=access.actor_of(request), payer=row, active=not row.is_active)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("finance:payer", pk)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_grant(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Payer, pk=pk, kind=PayerKind.DONOR)
    form = GrantForm(request.POST or None, instance=Grant(payer=row))
    back = reverse("finance:payer", args=[row.pk])
    page = FormPage(_("New grant"), _("Save"), payer_crumbs(row), back)

    def act() -> None:
        grant = form.save(commit=False)
        actions.save_grant(
            by=access.actor_of(request), grant=grant, lines=form.cleaned_data["lines"]
        )

    return show_form(request, page, form, act, _("The grant is saved."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_tranche(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(Grant.objects.select_related("payer"), pk=pk)
    form = TrancheForm(request.POST or None)
    back = reverse("finance:payer", args=[grant.payer_id])
    page = FormPage(
        title=_("Money of grant %(number)s") % {"number": grant.number},
        button=_("Enter"),
        crumbs=payer_crumbs(grant.payer),
        back=back,
        lines=[
            _("The grant is %(sum)s %(currency)s, from %(first)s to %(last)s.")
            % {
                "sum": money_text(grant.amount).rpartition("\N{NO-BREAK SPACE}")[0],
                "currency": grant.currency,
                "first": day_text(grant.starts_on),
                "last": day_text(grant.ends_on),
            }
        ],
    )

    def act() -> None:
        actions.add_tranche(by=access.actor_of(request), grant=grant, **form.cleaned_data)

    return show_form(request, page, form, act, _("The money is entered."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def reverse_tranche(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tranche.objects.select_related("grant__payer"), pk=pk)
    payer = row.grant.payer
    page = FormPage(
        title=_("Correct what was received"),
        button=_("Post the counter-entry"),
        crumbs=payer_crumbs(payer),
        back=reverse("finance:payer", args=[payer.pk]),
        lines=[
            _("A counter-entry of %(sum)s undoes it; both stay in the ledger.")
            % {"sum": money_text(-row.amount_uah)}
        ],
        danger=True,
    )
    by = access.actor_of(request)

    def act(reason: str) -> object:
        return actions.reverse_tranche(by=by, tranche=row, reason=reason)

    return ask_reason(request, page, act, _("The counter-entry is posted."))
