"""Бюджетний запит: the letter that asks a council to plan the moderator's pay."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.papers.figures import VERDICTS, Figure
from billing.papers.parties import Party
from billing.papers.sheet import (
    Clause,
    Column,
    Facts,
    Sheet,
    Signature,
    Signatures,
    Table,
    Text,
    Total,
)
from billing.papers.word import EditablePaper
from billing.papers.words import UNKNOWN, hryvnias_in_words, money, month_name

_CODES = (
    Column("КЕКВ", 17),
    Column("Призначення"),
    Column("На місяць, грн", 32, numeric=True),
    Column("На рік, грн", 30, numeric=True),
)
_FIGURES = (
    Column("Показник"),
    Column("Значення", 26, numeric=True),
    Column("Критерій", 34),
    Column("Висновок", 30),
)


@dataclass(frozen=True)
class CodeSum:
    """Money under one code of economic classification, UAH a month."""

    kekv: str
    purpose: str
    monthly: Decimal


@dataclass(frozen=True)
class BudgetRequest(EditablePaper):
    """`addressee`: lines as the letter has them, in the dative. `first_month`: any day of it.

    `legal_basis` and `attachments` are sentences and names by the caller: laws change.
    `period`: what the figures are about, «січень – червень 2026 р.».
    """

    day: date
    sender: Party
    addressee: tuple[str, ...]
    city: str
    first_month: date
    months: int
    codes: tuple[CodeSum, ...]
    figures: tuple[Figure, ...]
    period: str
    number: str = ""
    kpkvk: str = ""
    programme: str = ""
    legal_basis: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    draft: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.months <= 13 - self.first_month.month:
            raise ValueError("A budget request covers months of one calendar year.")

    @property
    def monthly(self) -> Decimal:
        return sum((code.monthly for code in self.codes), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        return self.monthly * self.months

    def sheet(self) -> Sheet:
        year = self.first_month.year
        blocks = (
            Text(
                f"Просимо передбачити в проєкті місцевого бюджету на {year} рік видатки на оплату"
                " роботи модератора сервісу взаємодії поліції та громади «Безпечне». Сервіс"
                " приймає неекстрені питання жителів до поліції, модератор перевіряє їх, передає"
                " підрозділу чи органу, який має відповісти, і публікує відповідь. Сервіс не"
                " замінює лінії 102 і 112."
            ),
            self._facts(),
            self._codes(),
            Text(
                f"Разом на {year} рік: {money(self.total)} грн ({hryvnias_in_words(self.total)}).",
                "strong",
            ),
            Text(
                "Видатки передбачено лише на роботу модератора. Технічну підтримку забезпечують"
                " розробники без оплати з бюджету."
            ),
            Text(f"Обґрунтування: показники попиту за період {self.period}.", "strong"),
            self._demand(),
            *(Clause("–", law) for law in self.legal_basis),
            *self._attached(),
            Signatures((self._hand(),)),
        )
        return Sheet(
            "Бюджетний запит",
            self.day,
            blocks,
            self.number,
            subject=f"Про видатки на роботу модератора сервісу «Безпечне» на {year} рік",
            sender=self.sender.requisites(),
            addressee=self.addressee,
            draft=self.draft,
        )

    def _facts(self) -> Facts:
        last = self.first_month.replace(day=1, month=self.first_month.month + self.months - 1)
        span = f"{month_name(self.first_month)} – {month_name(last)}"
        return Facts(
            (
                ("Населений пункт", self.city),
                ("Програма", self.programme),
                ("КПКВК", self.kpkvk),
                ("Строк фінансування", month_name(last) if self.months == 1 else span),
                ("Місяців", str(self.months)),
            )
        )

    def _codes(self) -> Table:
        rows = tuple(
            (code.kekv, code.purpose, money(code.monthly), money(code.monthly * self.months))
            for code in self.codes
        )
        sums = (money(self.monthly), money(self.total))
        totals = (Total("Разом", sums, strong=True),)
        return Table(_CODES, rows, totals)

    def _demand(self) -> Table:
        return Table(
            _FIGURES,
            tuple(
                (
                    figure.label,
                    figure.shown,
                    figure.wanted,
                    VERDICTS[figure.verdict] if figure.verdict else UNKNOWN,
                )
                for figure in self.figures
            ),
        )

    def _attached(self) -> tuple[Text | Clause, ...]:
        if not self.attachments:
            return ()
        listed = enumerate(self.attachments, start=1)
        return (Text("Додатки:"), *(Clause(f"{place}.", name) for place, name in listed))

    def _hand(self) -> Signature:
        who = self.sender
        return Signature("", (), who.position, who.signatory, with_day=False)
