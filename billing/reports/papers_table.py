"""Acts, invoices, payments and agreements as tables."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from billing.reports.contracts import Contract
from billing.reports.documents import Document
from billing.reports.documents import Kind as Paper
from billing.reports.lens import Lens
from billing.reports.tables import Column, Kind, Row, Table, Value


def papers_table(
    documents: Iterable[Document],
    leads: Callable[[int], str] = lambda key: "",
    *,
    lens: Lens | None = None,
) -> Table:
    """`leads`: the address of an act's lines. Of one city or payer `lens` leaves out its column."""
    hidden = set()
    if lens and lens.account_id:
        hidden.add(_CITY)
    if lens and lens.payer_id:
        hidden.add(_PAYER)
    columns = [
        Column(_("Document")),
        Column(_("No")),
        Column(_("Date"), Kind.DAY),
        Column(_("Month of the work"), Kind.MONTH),
        Column(_("City")),
        Column(_("Payer")),
        Column(_("Sum"), Kind.MONEY),
        Column(_("State")),
        Column(_("Due"), Kind.DAY),
        Column(_("What lacks")),
    ]
    shown = [place for place in range(len(columns)) if place not in hidden]
    return Table(
        "papers",
        _("Acts, invoices, payments"),
        [columns[place] for place in shown],
        [_paper(document, leads, shown) for document in documents],
    )


_CITY, _PAYER = 4, 5


def _paper(document: Document, leads: Callable[[int], str], shown: list[int]) -> Row:
    is_act = document.kind == Paper.ACT
    values: list[Value] = [
        str(document.kind.label),
        document.number,
        document.day,
        document.month or "",
        document.city,
        document.payer,
        document.amount,
        document.state,
        document.due_on or "",
        "; ".join(str(gap.label) for gap in document.gaps),
    ]
    return Row(
        [values[place] for place in shown],
        leads(document.key) if is_act else "",
        is_part=not is_act,
    )


def contracts_table(contracts: Iterable[Contract]) -> Table:
    return Table(
        "agreements",
        _("Agreements"),
        [
            Column(_("Document")),
            Column(_("No")),
            Column(_("Date"), Kind.DAY),
            Column(_("City")),
            Column(_("Payer")),
            Column(_("First day"), Kind.DAY),
            Column(_("Last day"), Kind.DAY),
            Column(_("Sum a month"), Kind.MONEY),
            Column(_("Source")),
            Column(_("Budget programme")),
            Column(_("KEKV")),
        ],
        [
            Row(
                [
                    str(one.kind.label),
                    one.number,
                    one.signed_on,
                    one.city,
                    one.payer,
                    one.starts_on,
                    one.ends_on,
                    one.monthly,
                    one.source_label,
                    one.kpkvk,
                    one.kekv,
                ]
            )
            for one in contracts
        ],
    )
