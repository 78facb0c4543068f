"""A month of a city: its costs and who bears them, the run, corrections, closing."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.costs import months
from billing.costs.posting import Cost, post
from billing.costs.posting import reverse as reverse_entry
from billing.documents.run import run
from billing.errors import LedgerRefused
from billing.models import Act, CityAccount, CostEntry, FundingAgreement
from billing.pages.accounts import account_crumbs, account_of, agreement_label
from billing.pages.documents import acts_table
from billing.pages.fields import DayField, MoneyField, MoneyForm, RowField
from billing.pages.frame import Crumbs, FormPage, ask_reason, show_form
from billing.pages.showing import Action, Empty, Shown, show
from billing.reports.drill_tables import what_of
from billing.reports.tables import Column, Kind, Row, Table
from billing.spreading import last_of
from billing.states import EntryKind
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def month_from(text: str) -> date:
    """«2026-05» as the first day. Raises Http404."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        raise Http404
    return date.fromisoformat(f"{text}-01")


def month_url(account: CityAccount, month: date) -> str:
    return reverse("finance:month", args=[account.slug, f"{month:%Y-%m}"])


class CostForm(MoneyForm):
    """A cost that neither an agreement nor a timesheet brings."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(kind.value, kind.label) for kind in (EntryKind.OTHER, EntryKind.OPENING)],
    )
    amount = MoneyField(label=gettext_lazy("Sum, UAH"))
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))
    agreement = RowField(
        label=gettext_lazy("Who bears it"),
        named=agreement_label,
        required=False,
        empty_label=gettext_lazy("The payers of these days by their shares"),
    )
    description = forms.CharField(label=gettext_lazy("What it is"), max_length=300)

    def __init__(self, account: CityAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = FundingAgreement.objects.filter(account=account)
        self.offer("agreement", rows.select_related("payer").order_by("-starts_on"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == EntryKind.OPENING and not data.get("agreement"):
            self.add_error("agreement", _("An opening balance belongs to one agreement."))
        return data


def _crumbs(account: CityAccount, month: date) -> Crumbs:
    return [*account_crumbs(account), (day_text(month, "F Y").lower(), month_url(account, month))]


@access.staff(Permission.LEDGER)
@require_safe
def month(request: HttpRequest, slug: str, text: str) -> HttpResponse:
    """Costs, acts, and what may be done; the same number of queries however many there are."""
    account, first = account_of(slug), month_from(text)
    entries = CostEntry.objects.filter(account=account, month=first)
    costs = entries.prefetch_related("allocations__agreement__payer").order_by("pk")
    acts = Act.objects.filter(account=account, month=first).select_related("payer", "account")
    is_closed = months.closed_between(account.pk, first, first) is not None
    may = access.may(request, Permission.FINANCE)
    tables = [_costs_table(costs, may=may and not is_closed), acts_table(acts.order_by("pk"))]
    page = Shown(
        title=f"{account.name}, {day_text(first, 'F Y').lower()}",
        crumbs=account_crumbs(account),
        badge=_("closed") if is_closed else "",
        actions=_actions(account, first, is_closed=is_closed) if may else [],
        tables=tables,
        empty=None
        if tables[0].rows
        else Empty(
            _("No costs yet"),
            _("The run of the month posts what agreements and approved hours cost."),
        ),
    )
    return show(request, page)


def _actions(account: CityAccount, first: date, *, is_closed: bool) -> list[Action]:
    def at(name: str) -> str:
        return reverse(f"finance:{name}", args=[account.slug, f"{first:%Y-%m}"])

    if is_closed:
        return [Action(_("Open again"), at("reopen_month"))]
    return [
        Action(_("Run the month"), at("run_month"), is_main=True, is_post=True),
        Action(_("Post a cost"), at("post_cost")),
        Action(
            _("Close the month"),
            at("close_month"),
            is_post=True,
            confirm=_("Nothing is posted into a closed month. Close it?"),
        ),
    ]


def _costs_table(rows: Iterable[CostEntry], *, may: bool) -> Table:
    entries = list(rows)
    undone = {entry.reverses_id for entry in entries}
    return Table(
        "costs",
        _("Costs"),
        [
            Column(_("Cost")),
            Column(_("First day"), Kind.DAY),
            Column(_("Last day"), Kind.DAY),
            Column(_("Minutes"), Kind.NUMBER),
            Column(_("An hour, UAH"), Kind.MONEY),
            Column(_("Who bears it")),
            Column(_("Sum, UAH"), Kind.MONEY),
        ],
        [
            *(_cost_row(entry, may=may and entry.pk not in undone) for entry in entries),
            Row(
                [_("Together"), "", "", "", "", "", sum(e.amount for e in entries)],
                is_total=True,
            ),
        ]
        if entries
        else [],
        _("A cost’s name leads to its correction.") if may and entries else "",
    )


def _cost_row(entry: CostEntry, *, may: bool) -> Row:
    name = what_of(entry)
    if entry.description:
        name = f"{name}: {entry.description}"
    borne = ", ".join(
        f"{part.agreement.payer.name} {money_text(part.amount)}" for part in entry.allocations.all()
    )
    url = reverse("finance:reverse_cost", args=[entry.pk])
    return Row(
        [
            name,
            entry.first_day,
            entry.last_day,
            entry.minutes,
            entry.per_hour,
            borne,
            entry.amount,
        ],
        url if may and not entry.reverses_id else "",
    )


@access.staff(Permission.FINANCE)
@require_POST
def run_month(request: HttpRequest, slug: str, text: str) -> HttpResponse:
    account, first = account_of(slug), month_from(text)
    try:
        done = run(by=access.actor_of(request), account=account, month=first)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(month_url(account, first))
    for sentence in done.skipped:
        messages.warning(request, sentence)
    if done.costs or done.acts:
        messages.success(request, _("The month is posted and its acts are issued."))
    else:
        messages.info(request, _("Nothing is left to post in this month."))
    return redirect(month_url(account, first))


@access.staff(Permission.FINANCE)
@require_POST
def close_month(request: HttpRequest, slug: str, text: str) -> HttpResponse:
    account, first = account_of(slug), month_from(text)
    try:
        months.close(by=access.actor_of(request), account=account, month=first)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The month is closed."))
    return redirect(month_url(account, first))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def reopen_month(request: HttpRequest, slug: str, text: str) -> HttpResponse:
    account, first = account_of(slug), month_from(text)
    title = _("Open %(month)s again") % {"month": day_text(first, "F Y").lower()}
    back = month_url(account, first)
    page = FormPage(title, _("Open again"), _crumbs(account, first), back)

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return months.reopen(by=by, account=account, month=first, reason=reason)

    return ask_reason(request, page, act, _("The month is open."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def post_cost(request: HttpRequest, slug: str, text: str) -> HttpResponse:
    account, first = account_of(slug), month_from(text)
    initial = {"first": first, "last": last_of(first)}
    form = CostForm(account, request.POST or None, initial=initial)
    back = month_url(account, first)
    page = FormPage(_("Post a cost"), _("Post"), _crumbs(account, first), back)

    def act() -> str:
        data = form.cleaned_data
        cost = Cost(account=account, **{**data, "kind": EntryKind(data["kind"])})
        entry = post(by=access.actor_of(request), cost=cost)
        return month_url(account, entry.month)

    return show_form(request, page, form, act, _("The cost is posted."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def reverse_cost(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(CostEntry.objects.select_related("account"), pk=pk)
    back = month_url(entry.account, entry.month)
    page = FormPage(
        title=_("Correct a cost"),
        button=_("Post the counter-entry"),
        crumbs=_crumbs(entry.account, entry.month),
        back=back,
        lines=[
            _(
                "A counter-entry of %(sum)s undoes this cost for each payer; both stay in the ledger."
            )
            % {"sum": money_text(-entry.amount)}
        ],
        danger=True,
    )

    by = access.actor_of(request)

    def act(reason: str) -> object:
        return reverse_entry(by=by, entry=entry, reason=reason)

    return ask_reason(request, page, act, _("The counter-entry is posted."))
