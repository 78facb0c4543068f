"""What finance people see first: what waits for them."""

from datetime import date, timedelta

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from billing.bank.statements.lines import undecided
from billing.documents.run import not_run
from billing.funding.queries import gaps
from billing.models import (
    Act,
    CityAccount,
    FundingAgreement,
    Grant,
    Invoice,
    Payment,
)
from billing.models.payers import REPORT_DAYS
from billing.pages.showing import Action, Shown, show
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.sums import Sums, grouped
from billing.reports.tables import Column, Kind, Row, Table
from billing.spreading import month_of
from billing.states import ActState, InvoiceState
from billing.stripe.intents import is_on

ENDING_DAYS = 60


@access.staff(Permission.LEDGER)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Two months of the fleet and what waits; the same queries at any size."""
    this = month_of(clock.today())
    before = month_of(this - timedelta(days=1))
    page = Shown(
        title=_("Finance"),
        actions=[
            Action(_("Rates"), reverse("finance:rates")),
            Action(_("Viewers"), reverse("finance:viewers")),
            Action(_("Journal"), reverse("finance:journal")),
            Action(_("Cost report"), reverse("finance:reports")),
            *([Action("Stripe", reverse("finance:stripe"))] if is_on() else []),
        ],
        tables=[_waiting(), _sums([before, this])],
    )
    return show(request, page)


def _waiting() -> Table:
    today = clock.today()
    last = month_of(month_of(today) - timedelta(days=1))
    open_bills = Q(state=InvoiceState.ISSUED) & ~Q(matched=F("amount"))
    ending = FundingAgreement.objects.filter(
        ends_on__range=(today, today + timedelta(days=ENDING_DAYS))
    )
    free = Payment.objects.filter(amount__gt=F("matched") + F("returned")).filter(amount__gt=0)
    # The last day for a report lies REPORT_DAYS after the grant's end.
    reports = (
        today - timedelta(days=REPORT_DAYS),
        today + timedelta(days=ENDING_DAYS - REPORT_DAYS),
    )
    counts = [
        (
            _("Cities whose last month is not run"),
            len(not_run(last)),
            reverse("finance:fleet_run", args=[f"{last:%Y-%m}"]),
        ),
        (
            _("Acts that wait for the signed copy"),
            Act.objects.filter(state=ActState.ISSUED).count(),
            f"{reverse('finance:acts')}?state=issued",
        ),
        (
            _("Overdue invoices"),
            Invoice.objects.filter(open_bills, due_on__lt=today).count(),
            f"{reverse('finance:invoices')}?which=overdue",
        ),
        (_("Payments that pay nothing yet"), free.count(), reverse("finance:bank")),
        (
            _("Lines of bank statements that wait for a decision"),
            undecided().count(),
            reverse("finance:statements"),
        ),
        (_("Stretches without a payer"), len(gaps()), reverse("finance:accounts")),
        (_("Agreements that end within 60 days"), ending.count(), reverse("finance:accounts")),
        (
            _("Reports to donors due within 60 days"),
            Grant.objects.filter(ends_on__range=reports).count(),
            reverse("finance:payers"),
        ),
    ]
    return Table(
        "waiting",
        _("What waits"),
        [Column(_("What")), Column(_("How many"), Kind.NUMBER)],
        [Row([label, number], url) for label, number, url in counts],
    )


def _sums(months: list[date]) -> Table:
    found = grouped(Lens(everything=True), Period(months[0], months[-1])).months
    rows = [
        Row(
            [month, sums.plan, sums.accrued, sums.paid],
            f"{reverse('finance:reports')}?first={month:%Y-%m}&last={month:%Y-%m}",
        )
        for month in months
        for sums in [found.get(month, Sums())]
    ]
    number = CityAccount.objects.count()
    return Table(
        "sums",
        _("All cities, UAH"),
        [
            Column(_("Month"), Kind.MONTH),
            Column(_("Plan"), Kind.MONEY),
            Column(_("Accrued"), Kind.MONEY),
            Column(_("Paid"), Kind.MONEY),
        ],
        rows,
        _("Cities in the ledger: %(number)d.") % {"number": number},
    )
