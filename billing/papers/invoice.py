"""Рахунок на оплату: whom to pay, how much, by when, with which words in the payment order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.papers.lines import Line, summed, table, vat_words
from billing.papers.parties import Contract, Party
from billing.papers.sheet import Boxed, Facts, Paper, Sheet, Signature, Signatures, Text, Total
from billing.papers.words import dated, hryvnias_in_words, money, month_name


@dataclass(frozen=True)
class Invoice(Paper):
    """`month`: any day of it; `act`: number of the accepted act, if there is one; `vat` as an act's."""

    number: str
    day: date
    due_on: date
    month: date
    city: str
    supplier: Party
    payer: Party
    contract: Contract
    lines: tuple[Line, ...]
    act: str = ""
    kpkvk: str = ""
    kekv: str = ""
    vat: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return summed(self.lines)

    @property
    def purpose(self) -> str:
        """A suggestion for the payment order."""
        parts = (
            f"За послуги модератора сервісу «Безпечне», {self.city}, {month_name(self.month)}",
            f"рахунок № {self.number} від {self.day:%d.%m.%Y}",
            f"{self.contract.kind} № {self.contract.number} від {self.contract.day:%d.%m.%Y}",
            f"акт № {self.act}" if self.act else "",
            f"КПКВК {self.kpkvk}" if self.kpkvk else "",
            f"КЕКВ {self.kekv}" if self.kekv else "",
            vat_words(self.vat),
        )
        return ", ".join(part for part in parts if part)

    def sheet(self) -> Sheet:
        totals = (Total(f"До сплати, {vat_words(self.vat)}", (money(self.total),), strong=True),)
        words = hryvnias_in_words(self.total, capital=True)
        blocks = (
            self._facts(),
            table(self.lines, totals),
            Text(f"До сплати: {words}, {vat_words(self.vat)}.", "strong"),
            Text(f"Сплатити до {dated(self.due_on)} включно.", "strong"),
            Boxed("Призначення платежу (зразок)", self.purpose),
            Signatures((self._hand(),)),
        )
        return Sheet("Рахунок на оплату", self.day, blocks, self.number)

    def _hand(self) -> Signature:
        who = self.supplier
        return Signature("", (), who.position, who.signatory, with_day=False)

    def _facts(self) -> Facts:
        return Facts(
            (
                ("Постачальник", self.supplier.named),
                ("Рахунок (IBAN)", self.supplier.iban),
                ("Банк", self.supplier.bank),
                ("Адреса", self.supplier.address),
                ("Зв’язок", self.supplier.contact),
                ("Платник", self.payer.named),
                ("Адреса платника", self.payer.address),
                ("Підстава", str(self.contract)),
                ("Період", month_name(self.month)),
            )
        )
