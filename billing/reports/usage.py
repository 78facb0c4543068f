"""What the money gave: questions and hours of the months that were paid for.

A month of a city counts when somebody of the lens planned to pay for it or signed an act about it.
The cost of one takes only months with a signed act, so that months which wait for their acts do
not make it look cheap. Figures come from the meters of the cities, which keep them by month.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bezpechne.kernel import metering
from bezpechne.kernel.activities import Activity
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import Row, rows
from billing.reports.sums import NOTHING

RECEIVED, PUBLISHED, ANSWERED, REJECTED = (
    f"questions.{name}" for name in ("received", "published", "answered", "rejected")
)
QUESTIONS = (RECEIVED, PUBLISHED, ANSWERED, REJECTED)
HOURS = tuple(f"hours.{activity}" for activity in Activity.values)
MONTH, ACCOUNT = "month", "account_id"
# First day of a month or key of an account; None: all together.
Key = date | int | None
KOPIYKA = Decimal("0.01")


def cost_of_one(cost: Decimal, number: int | None) -> Decimal | None:
    """To the kopiyka; None where nothing was counted or nothing accrued."""
    if not number or not cost:
        return None
    return (cost / number).quantize(KOPIYKA, ROUND_HALF_UP)


@dataclass(frozen=True)
class Figures:
    """Of one city, month or all together. `all`: every month that counts, by the meter's name.

    `signed`: only those with a signed act; `accrued` is what these acts ask for. `residents` and
    `accrued_of_residents` leave out cities whose population nobody knows. No entry: not measured.
    """

    all: Mapping[str, int] = field(default_factory=dict)
    signed: Mapping[str, int] = field(default_factory=dict)
    accrued: Decimal = NOTHING
    residents: int = 0
    accrued_of_residents: Decimal = NOTHING
    city_months: int = 0
    signed_city_months: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        """Of both; residents are not a sum of months and are left out."""
        return Figures(
            all=_added(self.all, other.all),
            signed=_added(self.signed, other.signed),
            accrued=self.accrued + other.accrued,
            city_months=self.city_months + other.city_months,
            signed_city_months=self.signed_city_months + other.signed_city_months,
        )

    def cost_of(self, name: str) -> Decimal | None:
        """UAH for one question, say."""
        return cost_of_one(self.accrued, self.signed.get(name))

    @property
    def cost_per_thousand(self) -> Decimal | None:
        """UAH for a thousand residents over the whole period."""
        if not self.residents or not self.accrued_of_residents:
            return None
        cost = self.accrued_of_residents * 1000 / self.residents
        return cost.quantize(KOPIYKA, ROUND_HALF_UP)


# Months of cities that count, with what their signed acts ask for.
_PAID_FOR = """WITH paid_for AS MATERIALIZED (
  SELECT account_id, month, sum(accrued) AS accrued, bool_or(signed) AS signed FROM (
    SELECT p.account_id, p.month, 0::numeric AS accrued, false AS signed
    FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
    WHERE p.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, p.account_id)
    UNION ALL
    SELECT t.account_id, t.month, t.amount, true FROM billing_act t
    WHERE t.state = 'signed' AND t.month BETWEEN %(first)s AND %(last)s
      AND LENS(t.payer_id, t.account_id)
  ) found GROUP BY account_id, month
)"""
_RESIDENTS = "residents"


def usage(lens: Lens, period: Period, group: str = MONTH) -> dict[Key, Figures]:
    """Figures of each month or city that counts, and under None all together: one statement.

    Only whole months of the work are known, so the basis of the period makes no difference.
    """
    sql = f"""{_PAID_FOR},
cities AS (
  SELECT sum(f.accrued) AS accrued, a.population
  FROM paid_for f JOIN billing_city_account a ON a.id = f.account_id
  WHERE f.signed AND a.population > 0 GROUP BY a.id
)
SELECT f.{group}, c.name, sum(c.value), sum(c.value) FILTER (WHERE f.signed), 0
FROM paid_for f JOIN billing_city_account a ON a.id = f.account_id
JOIN public.kernel_counter c ON c.schema = a.schema AND c.day = f.month
WHERE c.name = ANY(%(names)s) GROUP BY f.{group}, c.name
UNION ALL
SELECT {group}, '', sum(accrued), count(*), count(*) FILTER (WHERE signed)
FROM paid_for GROUP BY {group}
UNION ALL
SELECT NULL, '{_RESIDENTS}', sum(population), sum(accrued), 0 FROM cities
"""  # noqa: S608 - constants and the lens
    names = [metering.MONTH + name for name in (*QUESTIONS, *HOURS)]
    found = rows(sql, lens, period, {"names": names})
    of: dict[Key, dict[str, Row]] = defaultdict(dict)
    for key, name, *numbers in found:
        of[key][name.removeprefix(metering.MONTH)] = tuple(numbers)
    residents = of.pop(None)[_RESIDENTS]
    figures: dict[Key, Figures] = {key: _figures(numbers) for key, numbers in of.items()}
    figures[None] = replace(
        sum(figures.values(), Figures()),
        residents=int(residents[0] or 0),
        accrued_of_residents=residents[1] or NOTHING,
    )
    return figures


def _figures(numbers: dict[str, Row]) -> Figures:
    accrued, months, signed_months = numbers.pop("")
    return Figures(
        all={name: int(every) for name, (every, _signed, _) in numbers.items()},
        signed={name: int(n) for name, (_every, n, _) in numbers.items() if n is not None},
        accrued=accrued,
        city_months=int(months),
        signed_city_months=int(signed_months),
    )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
