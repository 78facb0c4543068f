"""Довідка для ради: on two pages why the moderator's pay deserves a line of the local budget."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing.papers.charts import Series, by_month
from billing.papers.figures import VERDICTS, Figure, Verdict, counted
from billing.papers.lines import SUPPORT
from billing.papers.pdf import typeset
from billing.papers.text import shortened
from billing.papers.words import UNKNOWN, dated, known_money, money, rounded

# Whoever writes more than this writes a paper of their own; the two pages stay readable.
LONGEST_REMARK, LONGEST_NAME = 160, 120
_ANSWERS: dict[Verdict, str] = {"met": "так", "missed": "ні", "unknown": "не перевірено"}


@dataclass(frozen=True)
class Month:
    """`day`: any day of it. None: nobody knows."""

    day: date
    published: int | None = None
    answered: int | None = None
    cost_per_answer: Decimal | None = None


@dataclass(frozen=True)
class Check:
    """A point of the regional representative; `passed` None: not looked at."""

    question: str
    passed: bool | None = None
    remark: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.passed is None:
            return "unknown"
        return "met" if self.passed else "missed"


@dataclass(frozen=True)
class Evidence:
    """Sums in UAH: `spent` in the period, `monthly` and `year_total` asked for `year`.

    `period`: «січень – серпень 2026 р.»; `payer`: who pays now, until `paid_until`.
    """

    TEMPLATE = "evidence.typ"

    day: date
    city: str
    period: str
    months: tuple[Month, ...]
    figures: tuple[Figure, ...]
    checklist: tuple[Check, ...]
    year: int
    monthly: Decimal | None = None
    year_total: Decimal | None = None
    spent: Decimal | None = None
    payer: str = ""
    paid_until: date | None = None
    residents: int | None = None
    representative: str = ""
    checked_on: date | None = None
    site: str = ""
    contact: str = ""

    def pdf(self) -> bytes:
        """Exactly two pages, whatever the data: the type shrinks where there is much of it."""
        return typeset(self.TEMPLATE, self.data())

    def data(self) -> dict[str, Any]:
        """What the template reads."""
        return {
            "day": [self.day.year, self.day.month, self.day.day],
            "dated": dated(self.day),
            "city": shortened(self.city, LONGEST_NAME),
            "period": self.period,
            "site": self.site,
            "contact": self.contact,
            "summary": self._summary(),
            "figures": [self._figure(figure) for figure in self.figures],
            "charts": self._charts(),
            "checks": [self._check(check) for check in self.checklist],
            "checked": self._checked(),
            "payer": self._payer(),
            "costs": self._costs(),
            "asks": self._asks(),
        }

    def _summary(self) -> str:
        wanted = sum(figure.verdict is not None for figure in self.figures)
        parts = [f"Критеріїв досягнуто: {counted(self.figures, 'met')} із {wanted}"]
        both: tuple[Verdict, ...] = ("missed", "unknown")
        parts += [
            f"{VERDICTS[verdict]}: {count}"
            for verdict in both
            if (count := counted(self.figures, verdict))
        ]
        return "; ".join(parts) + "."

    def _figure(self, figure: Figure) -> dict[str, str]:
        return {
            "label": shortened(figure.label, LONGEST_NAME),
            "value": figure.shown,
            "wanted": figure.wanted,
            "verdict": figure.verdict or "",
            "word": VERDICTS[figure.verdict] if figure.verdict else "без критерію",
        }

    def _check(self, check: Check) -> dict[str, str]:
        return {
            "question": shortened(check.question, LONGEST_REMARK),
            "verdict": check.verdict,
            "word": _ANSWERS[check.verdict],
            "remark": shortened(check.remark, LONGEST_REMARK),
        }

    def _checked(self) -> str:
        who = shortened(self.representative, LONGEST_NAME)
        when = dated(self.checked_on) if self.checked_on else ""
        return ", ".join(part for part in (who, when) if part)

    def _charts(self) -> list[dict[str, Any]]:
        days = [month.day for month in self.months]
        published = Series("опубліковано", tuple(m.published for m in self.months), "hollow")
        answered = Series("з відповіддю", tuple(m.answered for m in self.months))
        costs = Series("грн за відповідь", tuple(m.cost_per_answer for m in self.months), "line")
        return [
            by_month("Питання за місяцями", days, (published, answered)),
            by_month("Вартість однієї відповіді, грн", days, (costs,)),
        ]

    def _payer(self) -> str:
        until = f" (до {dated(self.paid_until)})" if self.paid_until else ""
        name = shortened(self.payer.strip(), LONGEST_NAME) or UNKNOWN
        return f"Нині роботу модератора оплачує: {name}{until}."

    def _costs(self) -> list[list[str]]:
        return [
            ["Витрачено за період", known_money(self.spent)],
            ["Потрібно на місяць", known_money(self.monthly)],
            [f"Потрібно на {self.year} рік", known_money(self.year_total)],
            [f"На 1 000 жителів за {self.year} рік", known_money(self._per_thousand())],
            [SUPPORT, money(Decimal(0))],
        ]

    def _per_thousand(self) -> Decimal | None:
        if self.year_total is None or not self.residents:
            return None
        return rounded(self.year_total * 1000 / self.residents)

    def _asks(self) -> list[str]:
        sum_ = (
            f"{known_money(self.year_total)} грн"
            if self.year_total is not None
            else "кошти (сума уточнюється)"
        )
        return [
            f"передбачити в бюджеті на {self.year} рік {sum_} на роботу модератора сервісу;",
            "схвалити проєкт меморандуму про співпрацю та уповноважити голову підписати його;",
            "визначити розпорядника коштів і день, з якого оплату здійснює місцевий бюджет.",
        ]
