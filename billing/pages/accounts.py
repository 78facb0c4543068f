"""Cities in the ledger: who pays for them, on which days, under which agreement."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.query_strings import text_of
from billing.accounts import account_for, account_label, show_costs
from billing.funding import agreements, periods
from billing.funding.labels import agreements_table, periods_table, who_pays
from billing.funding.periods import WHOLE, Share
from billing.funding.queries import gaps, periods_of
from billing.models import (
    CityAccount,
    Contractor,
    FundingAgreement,
    FundingPeriod,
    Grant,
    Payer,
    PlanMonth,
)
from billing.pages.fields import DayField, MoneyField, MoneyForm, ReasonForm, RowField
from billing.pages.frame import Crumbs, FormPage, show_form
from billing.pages.showing import Action, Empty, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from billing.wording import day_text
from tenants.models import City

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def account_of(slug: str) -> CityAccount:
    """Raises Http404."""
    return get_object_or_404(CityAccount, slug=slug)


def account_url(account: CityAccount) -> str:
    return reverse("finance:account", args=[account.slug])


def account_crumbs(account: CityAccount | None = None) -> Crumbs:
    crumbs = [(_("Cities"), reverse("finance:accounts"))]
    if account is not None:
        crumbs.append((account.name, account_url(account)))
    return crumbs


def _city_label(city: City) -> str:
    return f"{city.name} ({city.slug})"


def _name(row: Payer | Contractor) -> str:
    return str(row.name)


def _grant_label(grant: Grant) -> str:
    return f"{grant.payer.name}: {grant.number}"


def agreement_label(agreement: FundingAgreement) -> str:
    return f"{agreement.payer.name}: {agreement.number}"


class NewAccountForm(MoneyForm):
    city = RowField(label=gettext_lazy("City"), named=_city_label, to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = City.objects.filter(account=None).defer("outline", "wording").order_by("name_uk")
        self.offer("city", rows)


class AgreementForm(MoneyForm, forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    payer = RowField(label=gettext_lazy("Payer"), named=_name)
    grant = RowField(label=gettext_lazy("Grant"), named=_grant_label, required=False)
    contractor = RowField(label=gettext_lazy("Who does the work"), named=_name, required=False)
    signed_on = DayField(label=gettext_lazy("Signed on"))
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    monthly_amount = MoneyField(
        label=gettext_lazy("Pay for a whole month, UAH"),
        min_value=0,
        help_text=gettext_lazy("Before contributions; nothing for pay by hours."),
    )

    class Meta:
        model = FundingAgreement
        fields = (
            "payer",
            "number",
            "signed_on",
            "starts_on",
            "ends_on",
            "source",
            "basis",
            "engagement",
            "monthly_amount",
            "kpkvk",
            "kekv",
            "grant",
            "contractor",
            "without_vat",
            "note",
        )
        labels = {
            "number": gettext_lazy("Number"),
            "source": gettext_lazy("Source of the money"),
            "basis": gettext_lazy("What is paid"),
            "engagement": gettext_lazy("How the moderator is engaged"),
            "kpkvk": gettext_lazy("Budget programme"),
            "kekv": gettext_lazy("Economic classification"),
            "without_vat": gettext_lazy("Without VAT"),
            "note": gettext_lazy("Note"),
        }
        help_texts = {
            "kpkvk": gettext_lazy("Seven digits, for a local budget."),
            "kekv": gettext_lazy("2240 for a service, 2111 for a person under a contract."),
        }
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("payer", Payer.objects.filter(is_active=True).order_by("name"))
        self.offer("contractor", Contractor.objects.order_by("name"))
        self.offer("grant", Grant.objects.select_related("payer").order_by("-starts_on"))


class _Days(MoneyForm):
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))


class FundForm(_Days):
    """One agreement, or two with the first one's share."""

    shares = RowField(label=gettext_lazy("Agreement"), named=agreement_label)
    second = RowField(
        label=gettext_lazy("Second agreement, when two share"),
        named=agreement_label,
        required=False,
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Share of the first, per cent"),
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        initial=100,
        localize=False,
    )
    field_order = ["shares", "second", "percent", "first", "last"]

    def __init__(self, account: CityAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = FundingAgreement.objects.filter(account=account).select_related("payer")
        for name in ("shares", "second"):
            self.offer(name, rows.order_by("-starts_on"))

    def chosen(self) -> list[Share]:
        """As the action takes them; what is wrong with them, the action says."""
        data = self.cleaned_data
        first = Share(data["shares"], data["percent"])
        second: FundingAgreement | None = data["second"]
        return [first, Share(second, WHOLE - data["percent"])] if second else [first]


class PauseForm(ReasonForm, _Days):
    field_order = ["first", "last", "reason"]


class EndForm(ReasonForm):
    last = DayField(label=gettext_lazy("Last day"))
    field_order = ["last", "reason"]


class AgreementEndForm(ReasonForm):
    ends_on = DayField(label=gettext_lazy("Last day"))
    field_order = ["ends_on", "reason"]


@access.staff(Permission.LEDGER)
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """All cities of the ledger with who pays today; four queries a page."""
    words = text_of(request.GET, "q")
    rows = CityAccount.objects.order_by("name_sort", "pk")
    if words:
        rows = rows.filter(name_uk__icontains=words) | rows.filter(name_en__icontains=words)
    pages = Pages(page_number(request.GET), rows.count(), address_of(q=words))
    shown = list(rows[pages.offset : pages.offset + pages.size])
    today = clock.today()
    paying = {
        period.account_id: period
        for period in FundingPeriod.objects.filter(
            account__in=shown, days__contains=today
        ).prefetch_related("shares__agreement__payer")
    }
    table = Table(
        "cities",
        _("Cities in the ledger"),
        [
            Column(_("City")),
            Column(_("Oblast")),
            Column(_("Who pays today")),
            Column(_("Until"), Kind.DAY),
        ],
        [_account_row(account, paying.get(account.pk)) for account in shown],
    )
    page = Shown(
        title=_("Cities in the ledger"),
        actions=[Action(_("Add a city"), reverse("finance:new_account"), is_main=True)]
        if access.may(request, Permission.FINANCE)
        else [],
        search=_("City"),
        q=words,
        tables=[table],
        pages=pages,
        empty=None
        if shown
        else Empty(_("No city is here"), _("Add one to say who pays for its moderator.")),
    )
    return show(request, page)


def _account_row(account: CityAccount, period: FundingPeriod | None) -> Row:
    payers = who_pays(period) if period else None
    return Row(
        [account.name, account.oblast or None, payers, period.last if period else None],
        account_url(account),
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_account(request: HttpRequest) -> HttpResponse:
    form = NewAccountForm(request.POST or None)
    back = reverse("finance:accounts")
    page = FormPage(_("Add a city"), _("Add"), account_crumbs(), back)

    def act() -> str:
        return account_url(account_for(form.cleaned_data["city"], by=access.actor_of(request)))

    return show_form(request, page, form, act, _("The city is in the ledger."))


@access.staff(Permission.LEDGER)
@require_safe
def account(request: HttpRequest, slug: str) -> HttpResponse:
    """One city's money: who pays when, agreements, months."""
    row = account_of(slug)
    known = list(FundingAgreement.objects.filter(account=row).select_related("account", "payer"))
    covered = list(periods_of(row))
    missing = gaps([row.pk])
    page = Shown(
        title=account_label(row),
        crumbs=account_crumbs(),
        badge=_("costs shown on its site") if row.is_public else "",
        actions=_account_actions(row, bool(known), bool(covered))
        if access.may(request, Permission.FINANCE)
        else [],
        warnings=[
            _("From %(first)s to %(last)s nobody pays.")
            % {"first": day_text(gap.first), "last": day_text(gap.last)}
            for gap in missing
        ],
        tables=[periods_table(covered), agreements_table(known, names_city=False), _months(row)],
        empty=None
        if known
        else Empty(
            _("No agreement yet"),
            _("Enter the agreement of whoever pays, then the days on which it does."),
        ),
    )
    return show(request, page)


def _account_actions(row: CityAccount, has_agreement: bool, is_funded: bool) -> list[Action]:
    def at(name: str) -> str:
        return reverse(f"finance:{name}", args=[row.slug])

    found = [Action(_("New agreement"), at("new_agreement"), is_main=not has_agreement)]
    if has_agreement:
        found.append(Action(_("Add days"), at("fund"), is_main=not is_funded))
    if is_funded:
        found += [
            Action(_("Change payers from a day on"), at("switch")),
            Action(_("Pause"), at("pause")),
            Action(_("End"), at("end_funding")),
        ]
    label = _("Hide costs on the city’s site") if row.is_public else _("Show costs on its site")
    return [*found, Action(label, at("show_costs"), is_post=True)]


def _months(row: CityAccount) -> Table:
    today = clock.today()
    planned = PlanMonth.objects.filter(account=row, month__lte=today).select_related(
        "agreement__payer"
    )
    return Table(
        "months",
        _("Months"),
        [Column(_("Month"), Kind.MONTH), Column(_("Payer")), Column(_("Plan, UAH"), Kind.MONEY)],
        [
            Row(
                [plan.month, plan.agreement.payer.name, plan.amount],
                reverse("finance:month", args=[row.slug, f"{plan.month:%Y-%m}"]),
            )
            for plan in planned.order_by("-month", "pk")[:36]
        ],
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_agreement(request: HttpRequest, slug: str) -> HttpResponse:
    row = account_of(slug)
    form = AgreementForm(request.POST or None, instance=FundingAgreement(account=row))
    page = FormPage(_("New agreement"), _("Save"), account_crumbs(row), account_url(row))

    def act() -> None:
        agreements.add(by=access.actor_of(request), agreement=form.save(commit=False))

    return show_form(request, page, form, act, _("The agreement is saved. Now add its days."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def agreement_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Another last day of an agreement, by a supplementary one."""
    row = get_object_or_404(FundingAgreement.objects.select_related("account", "payer"), pk=pk)
    form = AgreementEndForm(request.POST or None, initial={"ends_on": row.ends_on})
    page = FormPage(
        title=_("Last day of agreement %(number)s") % {"number": row.number},
        button=_("Change"),
        crumbs=account_crumbs(row.account),
        back=account_url(row.account),
        lines=[
            _("%(payer)s, from %(first)s to %(last)s.")
            % {
                "payer": row.payer.name,
                "first": day_text(row.starts_on),
                "last": day_text(row.ends_on),
            }
        ],
    )

    def act() -> None:
        data = form.cleaned_data
        agreements.change_end(
            by=access.actor_of(request),
            agreement=row,
            ends_on=data["ends_on"],
            reason=data["reason"],
        )

    return show_form(request, page, form, act, _("The last day is changed."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def fund(request: HttpRequest, slug: str) -> HttpResponse:
    row = account_of(slug)
    last = FundingPeriod.objects.filter(account=row).order_by("-days").first()
    newest = FundingAgreement.objects.filter(account=row).order_by("-pk").first()
    initial = {
        "shares": newest,
        "first": last.days.upper if last else newest.starts_on if newest else None,
        "last": newest.ends_on if newest else None,
    }
    form = FundForm(row, request.POST or None, initial=initial)
    page = FormPage(_("Add days"), _("Add"), account_crumbs(row), account_url(row))

    def act() -> None:
        periods.fund(
            by=access.actor_of(request),
            account=row,
            first=form.cleaned_data["first"],
            last=form.cleaned_data["last"],
            shares=form.chosen(),
        )

    return show_form(request, page, form, act, _("The days are paid for."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    row = account_of(slug)
    form = FundForm(row, request.POST or None)
    page = FormPage(
        title=_("Change payers from a day on"),
        button=_("Change payers"),
        crumbs=account_crumbs(row),
        back=account_url(row),
        lines=[
            _(
                "Whoever pays until then pays to the day before. What was planned after it"
                " is replaced."
            )
        ],
    )

    def act() -> None:
        data = form.cleaned_data
        made = periods.switch(
            by=access.actor_of(request),
            account=row,
            on=data["first"],
            last=data["last"],
            shares=form.chosen(),
        )
        before = made.first - timedelta(days=1)
        messages.info(request, _("The payers before pay to %(day)s.") % {"day": day_text(before)})

    return show_form(request, page, form, act, _("The payers are changed."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def pause(request: HttpRequest, slug: str) -> HttpResponse:
    row = account_of(slug)
    form = PauseForm(request.POST or None)
    page = FormPage(_("Pause"), _("Enter the pause"), account_crumbs(row), account_url(row))

    def act() -> None:
        periods.pause(by=access.actor_of(request), account=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("The pause is entered."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def end_funding(request: HttpRequest, slug: str) -> HttpResponse:
    row = account_of(slug)
    form = EndForm(request.POST or None)
    page = FormPage(
        title=_("End of the funding"),
        button=_("End"),
        crumbs=account_crumbs(row),
        back=account_url(row),
        lines=[_("Days after the last one are taken away, with their plan.")],
        danger=True,
    )

    def act() -> None:
        periods.end(by=access.actor_of(request), account=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("The funding ends."))


@access.staff(Permission.FINANCE)
@require_POST
def toggle_costs(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the costs on the city's site, or hides them."""
    row = account_of(slug)
    show_costs(by=access.actor_of(request), account=row, shown=not row.is_public)
    messages.success(
        request,
        _("The city’s site shows who pays.") if not row.is_public else _("The page is hidden."),
    )
    return redirect(account_url(row))
