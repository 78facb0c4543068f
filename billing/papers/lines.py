"""Lines of an act and of an invoice: what was done, how much of it, for which sum."""

from dataclasses import dataclass
from decimal import Decimal

from billing.papers.sheet import Column, Table, Total
from billing.papers.words import UNKNOWN, known_money, money, number

SUPPORT = "Технічна підтримка – за рахунок розробників"
_COLUMNS = (
    Column("№", 6),
    Column("Послуга"),
    Column("Одиниця", 15),
    Column("Кількість", 17, numeric=True),
    Column("Тариф, грн", 20, numeric=True),
    Column("Сума, грн", 26, numeric=True),
)


@dataclass(frozen=True)
class Line:
    """`amount` is the ledger's sum, UAH.

    It may differ from quantity × price by kopiykas, because the ledger rounds each entry. A fixed
    month is one «місяць» of its price.
    """

    service: str
    amount: Decimal
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = "год"

    def cells(self) -> tuple[str, ...]:
        known = self.quantity is not None
        return (
            self.service,
            self.unit if known else UNKNOWN,
            number(self.quantity) if self.quantity is not None else UNKNOWN,
            known_money(self.price),
            money(self.amount),
        )


@dataclass(frozen=True)
class Contribution:
    """Single social contribution on top of a person's pay: `rate` in percent, `amount` in UAH.

    The rate is data: laws change it. Codes by order MF No 333: pay, and contribution upon it.
    """

    rate: Decimal
    amount: Decimal
    pay_kekv: str = "2111"
    kekv: str = "2120"

    @property
    def label(self) -> str:
        return f"Єдиний внесок, {number(self.rate)} % від винагороди"


def summed(lines: tuple[Line, ...]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def table(lines: tuple[Line, ...], totals: tuple[Total, ...]) -> Table:
    """The developers' support is always told, at no cost."""
    told = (*lines, Line(SUPPORT, Decimal(0), Decimal(1), Decimal(0), "місяць"))
    rows = tuple((str(place), *line.cells()) for place, line in enumerate(told, start=1))
    return Table(_COLUMNS, rows, totals)


def vat_words(vat: Decimal | None) -> str:
    """`vat`: what the sum contains of it; None: the contractor pays no VAT."""
    return "без ПДВ" if vat is None else f"у тому числі ПДВ {money(vat)} грн"
