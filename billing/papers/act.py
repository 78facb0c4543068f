"""Акт наданих послуг: what the payer accepts for a month of a city."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.papers.lines import Contribution, Line, summed, table, vat_words
from billing.papers.parties import Contract, Party
from billing.papers.sheet import (
    Block,
    Column,
    Facts,
    Sheet,
    Signatures,
    Table,
    Text,
    Total,
)
from billing.papers.word import EditablePaper
from billing.papers.words import hryvnias_in_words, money, month_name


@dataclass(frozen=True)
class Act(EditablePaper):
    """`month`: any day of it. With a `contribution` the contractor is a person without a business.

    `vat`: see `lines.vat_words`. `notes`: further sentences, as what is withheld from a person's
    pay: such rules are data, not wording of this module.
    """

    number: str
    day: date
    month: date
    city: str
    contractor: Party
    payer: Party
    contract: Contract
    lines: tuple[Line, ...]
    place: str = ""
    kpkvk: str = ""
    kekv: str = ""
    contribution: Contribution | None = None
    vat: Decimal | None = None
    notes: tuple[str, ...] = ()

    @property
    def pay(self) -> Decimal:
        return summed(self.lines)

    @property
    def total(self) -> Decimal:
        """What the payer spends: the pay and the contribution upon it."""
        return self.pay + (self.contribution.amount if self.contribution else 0)

    def sheet(self) -> Sheet:
        blocks = (
            self._facts(),
            Text(
                "Виконавець надав, а Замовник прийняв послуги модератора сервісу «Безпечне» за"
                f" {month_name(self.month)}:"
            ),
            *self._sums(),
            Text("Послуги надано в повному обсязі й у строк. Сторони не мають взаємних претензій."),
            *(Text(note) for note in self.notes),
            Text("Акт складено у двох примірниках однакової сили, по одному для кожної сторони."),
            Signatures((self.contractor.signature("Виконавець"), self.payer.signature("Замовник"))),
        )
        return Sheet("Акт наданих послуг", self.day, blocks, self.number, self.place)

    def _facts(self) -> Facts:
        return Facts(
            (
                ("Виконавець", self.contractor.named),
                ("Від Виконавця діє", self.contractor.acting),
                ("Замовник", self.payer.named),
                ("Від Замовника діє", self.payer.acting),
                ("Підстава", str(self.contract)),
                ("Населений пункт", self.city),
                ("Період", month_name(self.month)),
                ("Код програми (КПКВК)", self.kpkvk),
                ("Код видатків (КЕКВ)", "" if self.contribution else self.kekv),
            )
        )

    def _sums(self) -> tuple[Block, ...]:
        if self.contribution:
            return self._persons_sums(self.contribution)
        totals = (Total(f"Разом, {vat_words(self.vat)}", (money(self.pay),), strong=True),)
        words = hryvnias_in_words(self.pay, capital=True)
        return (
            table(self.lines, totals),
            Text(f"Вартість послуг: {words}, {vat_words(self.vat)}.", "strong"),
        )

    def _persons_sums(self, upon: Contribution) -> tuple[Block, ...]:
        totals = (Total("Винагорода (до утримань), без ПДВ", (money(self.pay),), strong=True),)
        codes = Table(
            (
                Column("КЕКВ", 17),
                Column("Видатки Замовника"),
                Column("Сума, грн", 32, numeric=True),
            ),
            (
                (upon.pay_kekv, "Винагорода за договором", money(self.pay)),
                (upon.kekv, upon.label, money(upon.amount)),
            ),
            (Total("Усього видатків", (money(self.total),), strong=True),),
        )
        return (
            table(self.lines, totals),
            Text(f"Винагорода: {hryvnias_in_words(self.pay, capital=True)}, без ПДВ.", "strong"),
            codes,
            Text(f"Видатки Замовника: {hryvnias_in_words(self.total, capital=True)}.", "strong"),
        )
