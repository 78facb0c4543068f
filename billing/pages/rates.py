"""Tariffs of hours, the social contribution, exchange rates."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.activities import Activity
from billing.costs.rates import set_contribution, set_tariff
from billing.models import CityAccount, ContributionRate, ExchangeRate, Tariff
from billing.pages.fields import DayField, MoneyField, MoneyForm, RowField
from billing.pages.frame import FormPage, show_form
from billing.pages.showing import Action, Empty, Shown, show
from billing.payers import add_rates
from billing.rate_files import MOST_PROBLEMS, read_rates
from billing.reports.tables import Column, Kind, Row, Table

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# The newest of each; older ones stay in the ledger and its reports.
NEWEST = 200


def _account_name(account: CityAccount) -> str:
    return account.name


class TariffForm(MoneyForm):
    account = RowField(
        label=gettext_lazy("City"),
        named=_account_name,
        required=False,
        empty_label=gettext_lazy("All that have no tariff of their own"),
    )
    activity = forms.ChoiceField(
        label=gettext_lazy("Activity"),
        choices=[("", gettext_lazy("All that have none of their own")), *Activity.choices],
        required=False,
    )
    starts_on = DayField(label=gettext_lazy("From"))
    per_hour = MoneyField(label=gettext_lazy("An hour, UAH"), min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("account", CityAccount.objects.order_by("name_sort"))


class ContributionForm(MoneyForm):
    starts_on = DayField(label=gettext_lazy("From"))
    percent = MoneyField(label=gettext_lazy("Per cent"), min_value=0, max_value=100)
    source = forms.CharField(label=gettext_lazy("What law says so"), max_length=200)


class _Currency(MoneyForm):
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), choices=[(code, code) for code in ("USD", "EUR")]
    )
    source = forms.CharField(label=gettext_lazy("Whose rate"), max_length=120, initial="НБУ")


class RatesFileForm(_Currency):
    """Every line is right, or nothing of the file is kept."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A line for each day: 05.05.2026;41,4567"),
    )
    field_order = ["currency", "file", "source"]

    def clean_file(self) -> Any:
        found = read_rates(self.cleaned_data["file"].read())
        if not found.problems:
            return found.rates
        told, more = found.problems[:MOST_PROBLEMS], len(found.problems) - MOST_PROBLEMS
        if more > 0:
            told.append(
                ngettext("%(more)d more line is wrong.", "%(more)d more lines are wrong.", more)
                % {"more": more}
            )
        raise forms.ValidationError(told)


class ExchangeForm(_Currency):
    day = DayField(label=gettext_lazy("Day"))
    rate = MoneyField(
        label=gettext_lazy("Hryvnias for one unit"),
        max_digits=14,
        decimal_places=6,
        min_value=0,
    )
    field_order = ["currency", "day", "rate", "source"]

    def clean_rate(self) -> Any:
        if not self.cleaned_data["rate"]:
            raise forms.ValidationError(_("A rate is more than nothing."))
        return self.cleaned_data["rate"]


@access.staff(Permission.LEDGER)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The newest of each kind; three queries."""
    actions = [
        Action(_("New tariff"), reverse("finance:new_tariff")),
        Action(_("New rate of the contribution"), reverse("finance:new_contribution")),
        Action(_("New exchange rate"), reverse("finance:new_exchange_rate")),
        Action(_("Exchange rates from a file"), reverse("finance:upload_rates")),
    ]
    tables = [_tariffs(), _contributions(), _exchange()]
    page = Shown(
        title=_("Rates"),
        lead=_("Each is in force from its day until the next one."),
        actions=actions if access.may(request, Permission.FINANCE) else [],
        tables=tables,
        empty=None if any(table.rows for table in tables) else Empty(_("No rate is here yet")),
    )
    return show(request, page)


def _tariffs() -> Table:
    rows = Tariff.objects.select_related("account").order_by("-starts_on", "-pk")[:NEWEST]
    return Table(
        "tariffs",
        _("Tariffs"),
        [
            Column(_("From"), Kind.DAY),
            Column(_("City")),
            Column(_("Activity")),
            Column(_("An hour, UAH"), Kind.MONEY),
        ],
        [
            Row(
                [
                    row.starts_on,
                    row.account.name if row.account else _("All"),
                    row.get_activity_display() or _("All"),
                    row.per_hour,
                ]
            )
            for row in rows
        ],
    )


def _contributions() -> Table:
    rows = ContributionRate.objects.order_by("-starts_on")[:NEWEST]
    return Table(
        "contributions",
        _("Single social contribution"),
        [Column(_("From"), Kind.DAY), Column(_("What law says so")), Column("%", Kind.PERCENT)],
        [Row([row.starts_on, row.source, row.percent]) for row in rows],
    )


def _exchange() -> Table:
    rows = ExchangeRate.objects.order_by("-day", "currency")[:NEWEST]
    return Table(
        "exchange",
        _("Exchange rates"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("Currency")),
            Column(_("Whose rate")),
            Column(_("Hryvnias for one unit"), Kind.NUMBER),
        ],
        [Row([row.day, row.currency, row.source, row.rate]) for row in rows],
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_tariff(request: HttpRequest) -> HttpResponse:
    form = TariffForm(request.POST or None)
    page = _page(_("New tariff"))

    def act() -> None:
        set_tariff(by=access.actor_of(request), **form.cleaned_data)

    return show_form(request, page, form, act, _("The tariff is set."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_contribution(request: HttpRequest) -> HttpResponse:
    form = ContributionForm(request.POST or None)
    page = _page(_("New rate of the contribution"))

    def act() -> None:
        set_contribution(by=access.actor_of(request), **form.cleaned_data)

    return show_form(request, page, form, act, _("The rate is set."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_exchange_rate(request: HttpRequest) -> HttpResponse:
    form = ExchangeForm(request.POST or None)
    page = _page(_("New exchange rate"))

    def act() -> None:
        data = form.cleaned_data
        add_rates(
            by=access.actor_of(request),
            currency=data["currency"],
            rates={data["day"]: data["rate"]},
            source=data["source"],
        )

    return show_form(request, page, form, act, _("The rate is set."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def upload_rates(request: HttpRequest) -> HttpResponse:
    """Many days at once, as the National Bank gives them; days that are known are left."""
    is_sent = request.method == "POST"
    form = RatesFileForm(*((request.POST, request.FILES) if is_sent else ()))
    page = _page(_("Exchange rates from a file"), is_upload=True)

    def act() -> None:
        data = form.cleaned_data
        add_rates(
            by=access.actor_of(request),
            currency=data["currency"],
            rates=data["file"],
            source=data["source"],
        )

    return show_form(request, page, form, act, _("The rates are set."))


def _page(title: str, *, is_upload: bool = False) -> FormPage:
    back = reverse("finance:rates")
    return FormPage(title, _("Save"), [(_("Rates"), back)], back, is_upload=is_upload)
