"""Agreements and periods as tables."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import FundingAgreement, FundingPeriod
from billing.reports.tables import Column, Kind, Row, Table


def agreements_table(rows: Sequence[FundingAgreement], *, names_city: bool) -> Table:
    """Of a payer with their cities, or of a city with their payers."""
    return Table(
        "agreements",
        _("Agreements"),
        [
            Column(_("Number")),
            Column(_("City") if names_city else _("Payer")),
            Column(_("First day"), Kind.DAY),
            Column(_("Last day"), Kind.DAY),
            Column(_("A month, UAH"), Kind.MONEY),
            Column(_("Programme")),
            Column(_("Classification")),
        ],
        [
            Row(
                [
                    row.number,
                    row.account.name if names_city else row.payer.name,
                    row.starts_on,
                    row.ends_on,
                    row.monthly_amount,
                    row.kpkvk or None,
                    row.kekv,
                ],
                reverse("finance:agreement", args=[row.pk]),
            )
            for row in rows
        ],
    )


def who_pays(period: FundingPeriod) -> str:
    """«Фонд – 60 %, Міська рада – 40 %», or why nobody does."""
    if period.is_pause:
        return _("Nobody: %(reason)s") % {"reason": period.reason}
    shares = list(period.shares.all())
    if len(shares) == 1:
        return f"{shares[0].agreement.payer.name} ({shares[0].agreement.number})"
    return ", ".join(
        f"{share.agreement.payer.name} ({share.agreement.number}) – {share.percent.normalize():f} %"
        for share in shares
    )


def periods_table(periods: Iterable[FundingPeriod]) -> Table:
    return Table(
        "periods",
        _("Who pays"),
        [Column(_("First day"), Kind.DAY), Column(_("Last day"), Kind.DAY), Column(_("Payers"))],
        [Row([period.first, period.last, who_pays(period)]) for period in periods],
    )
