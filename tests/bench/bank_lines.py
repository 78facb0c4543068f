"""A ledger of cities and payers, and lines of a statement about it, all made from one seed."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stdnum.ua import edrpou

from billing.bank import payments
from billing.documents.run import run
from billing.models import CityAccount, Invoice
from billing.states import PayerKind
from billing.system import LEDGER
from tests.money import Money

MONTHS = (
    "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень"
)
PLACES = (
    "Лубни Гадяч Хорол Миргород Кременчук Ізмаїл Бровари Ніжин Самбір Калуш Стрий Ковель Умань"
    " Сміла Кілія Яготин Прилуки Бахмач Тростянець Ромни Конотоп Шостка Глухів Охтирка Лебедин"
    " Рахів Хуст Берегове Мукачево Свалява Чоп Дубно Сарни Острог Здолбунів Корець"
)
# What part of the invoices is paid before the lines come.
_PAID = 0.25
# How often each kind comes among a hundred lines.
KINDS = {
    "clean": 22,
    "act": 6,
    "contract": 6,
    "month": 8,
    "look_alikes": 6,
    "typo": 5,
    "no_number": 7,
    "wrong_number": 5,
    "partial": 5,
    "several": 6,
    "two_months": 6,
    "twin_cities": 5,
    "cents_off": 4,
    "stranger": 5,
    "returned": 4,
}
LOOK_ALIKES = {"о": "o", "а": "a", "е": "e", "с": "c", "0": "О", "1": "l", "3": "З"}


@dataclass
class Case:
    """`meant`: keys of invoices, or of the payment that is sent back (negative); empty: nobody's."""

    kind: str
    line: dict[str, Any]
    meant: frozenset[int]


class Generator:
    """Payers, cities, months that were run; then lines about them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - reproducible, no secret
        self.payers: dict[int, dict[str, str]] = {}
        self.invoices: list[Any] = []
        self.free: list[Any] = []
        self.used: set[int] = set()

    # --- the ledger ---

    def ledger(self) -> None:

        money = Money()
        accounts = [
            CityAccount.objects.create(
                katottg=f"UA{number:017}", slug=f"city{number}", name_uk=name, name_en=name
            )
            for number, name in enumerate(PLACES.split(), start=1)
        ]
        donors = [
            self._payer(money, PayerKind.DONOR, f"Фонд «{name}»")
            for name in ("Відродження", "Поруч")
        ]
        for number, account in enumerate(accounts):
            if number % 3 == 2:
                payer = donors[number % 2]
                # A donor pays the same for several cities.
                monthly = "12000.00"
            else:
                payer = self._payer(
                    money, PayerKind.LOCAL_BUDGET, f"Виконком {account.name_uk}ської ради"
                )
                monthly = (
                    f"{self.random.randint(9000, 25000)}.{self.random.choice(('00', '50', '37'))}"
                )
            agreement = money.agreement(
                account,
                payer,
                monthly=monthly,
                number=f"{self.random.choice('ДПМ')}-{30 + number}/26",
            )
            first = date(2026, self.random.choice((5, 6, 7)), self.random.choice((1, 1, 12)))
            money.fund(agreement, first, date(2026, 10, 31))
            for month in range(first.month, 11):
                run(by=money.by, account=account, month=date(2026, month, 1))
        self.invoices = list(
            Invoice.objects.select_related("payer", "account", "agreement", "act").order_by("pk")
        )
        self._pay_old_ones()

    def _payer(self, money: Money, kind: PayerKind, name: str) -> Any:

        start = f"{self.random.randint(1000000, 4999999):07}"
        code = start + edrpou.calc_check_digit(start)
        payer = money.payer(kind, name=name, edrpou=code)
        self.payers[payer.pk] = {"iban": f"UA{self.random.randrange(10**26, 10**27)}"}
        return payer

    def _pay_old_ones(self) -> None:
        """A quarter is paid already; some payments wait to be sent back."""

        for invoice in list(self.invoices):
            if self.random.random() < _PAID:
                payment = payments.enter(
                    by=LEDGER,
                    payer=invoice.payer,
                    received_on=date(2026, 11, 10),
                    amount=invoice.amount,
                )
                payments.match(by=LEDGER, payment=payment, invoice=invoice, amount=invoice.amount)
                self.invoices.remove(invoice)
        for invoice in self.random.sample(self.invoices, 6):
            self.free.append(
                payments.enter(
                    by=LEDGER,
                    payer=invoice.payer,
                    received_on=date(2026, 11, self.random.randint(1, 15)),
                    amount=Decimal(self.random.randint(100, 9000)),
                )
            )

    # --- lines ---

    def cases(self) -> list[Case]:
        made: list[Case] = [
            getattr(self, f"_{kind}")() for kind, number in KINDS.items() for _turn in range(number)
        ]
        self.random.shuffle(made)
        return made

    def _one(self) -> Any:
        """Each invoice is paid by one line while there are enough."""
        left = [one for one in self.invoices if one.pk not in self.used] or self.invoices
        chosen = self.random.choice(left)
        self.used.add(chosen.pk)
        return chosen

    def _case(
        self, kind: str, invoices: list[Any], purpose: str, amount: Decimal | None = None
    ) -> Case:
        payer = invoices[0].payer
        name = self.random.choice((payer.name, payer.name.upper(), f"УК у {payer.name}"))
        line = {
            "booked_on": date(2026, 11, 10) + timedelta(days=self.random.randint(0, 14)),
            "amount": amount or sum((one.open_amount for one in invoices), Decimal(0)),
            "payer_name": name,
            # Now and then the bank leaves the code out.
            "payer_edrpou": payer.edrpou if self.random.random() < 0.92 else "",
            "payer_iban": self.payers[payer.pk]["iban"],
            "purpose": purpose,
        }
        return Case(kind, line, frozenset(one.pk for one in invoices))

    def _number(self, invoice: Any) -> str:
        number, year = invoice.number, invoice.year
        forms = (
            f"№ {number}/{year}",
            f"№{number}/{year}",
            f"N{number}/{year % 100}",
            f"№ {number} / {year}",
        )
        return self.random.choice(forms)

    def _month_name(self, month: date) -> str:
        return MONTHS.split()[month.month - 1]

    def _clean(self) -> Case:
        one = self._one()
        text = self.random.choice(
            (
                "Оплата за послуги модератора зг. рах. {n} від {d}, без ПДВ",
                "рахунок {n}; за {m} {y}; КЕКВ 2240; без ПДВ",
                "Сплата за надані послуги зг дог {c} рахунок-фактура {n} від {d} р.",
                "101;{e};Послуги модератора м. {city} за {m} {y} р., рахунок {n}",
            )
        )
        return self._case("clean", [one], self._filled(text, one))

    def _filled(self, text: str, one: Any) -> str:
        return text.format(
            n=self._number(one),
            d=one.issued_on.strftime("%d.%m.%Y"),
            m=self._month_name(one.month),
            y=one.month.year,
            c=one.agreement.number,
            a=f"№ {one.act.number}/{one.act.year}",
            e=one.payer.edrpou,
            city=one.account.name_uk,
        )

    def _act(self) -> Case:
        one = self._one()
        text = "Оплата згідно акту наданих послуг {a} від {d}, без ПДВ"
        return self._case("act", [one], self._filled(text, one))

    def _contract(self) -> Case:
        one = self._one()
        text = "Послуги з модерації за {m} {y} зг. договору № {c}"
        return self._case("contract", [one], self._filled(text, one))

    def _month(self) -> Case:
        one = self._one()
        return self._case("month", [one], self._filled("Оплата послуг модератора за {m} {y}", one))

    def _look_alikes(self) -> Case:
        one = self._one()
        text = self._filled("Оплата рахунок {n} за {m} {y} дог. {c}", one)
        mixed = "".join(
            LOOK_ALIKES[letter] if letter in LOOK_ALIKES and self.random.random() < 0.25 else letter
            for letter in text
        )
        return self._case("look_alikes", [one], mixed)

    def _typo(self) -> Case:
        one = self._one()
        month = self._month_name(one.month)
        place = self.random.randint(2, len(month) - 2)
        swapped = month[:place] + month[place + 1] + month[place] + month[place + 2 :]
        return self._case("typo", [one], f"Опалта зза послгуи, {swapped} {one.month.year}")

    def _no_number(self) -> Case:
        one = self._one()
        text = self.random.choice(
            ("Оплата за послуги", "без ПДВ", "згідно договору", "Послуги модератора")
        )
        return self._case("no_number", [one], text)

    def _wrong_number(self) -> Case:
        one = self._one()
        wrong = one.number + self.random.choice((1, 2, 10, 100))
        text = self._filled(f"Оплата зг. рах. № {wrong}/2026 за {{m}} {{y}}", one)
        return self._case("wrong_number", [one], text)

    def _partial(self) -> Case:
        one = self._one()
        amount = (one.open_amount / self.random.choice((2, 3, 4))).quantize(Decimal("0.01"))
        text = self._filled("Часткова оплата рах. {n} за {m} {y}", one)
        return self._case("partial", [one], text, amount)

    def _some_of_one_payer(self, size: int, *, one_city: bool = False) -> list[Any]:
        groups = defaultdict(list)
        for one in self.invoices:
            if one.pk not in self.used:
                groups[one.account_id if one_city else one.payer_id].append(one)
        able = [some for some in groups.values() if len(some) >= size]
        able = able or [[one for one in self.invoices if one.payer_id == self.invoices[0].payer_id]]
        some = sorted(self.random.choice(able), key=lambda one: one.month)
        start = self.random.randint(0, len(some) - size)
        chosen = some[start : start + size]
        self.used |= {one.pk for one in chosen}
        return chosen

    def _several(self) -> Case:
        some = self._some_of_one_payer(self.random.choice((2, 3)))
        if self.random.random() < 0.6:
            text = "Оплата рахунків " + ", ".join(f"№ {one.number}/{one.year}" for one in some)
        else:
            text = "Оплата за послуги модератора"
        return self._case("several", some, text)

    def _two_months(self) -> Case:
        some = self._some_of_one_payer(2, one_city=True)
        mark = self.random.choice((" та ", ", ", " і "))
        text = f"за {mark.join(self._month_name(one.month) for one in some)} 2026 року"
        return self._case("two_months", some, text)

    def _twin_cities(self) -> Case:
        """A donor's months of several cities have one sum; the city is named, or is not."""
        donors = [one for one in self.invoices if one.amount == 12000 and one.pk not in self.used]
        one = self.random.choice(donors or self.invoices)
        self.used.add(one.pk)
        text = self._filled("Послуги модератора за {m} {y}", one)
        if self.random.random() < 0.6:
            text += f", м. {one.account.name_uk}"
        return self._case("twin_cities", [one], text)

    def _cents_off(self) -> Case:
        one = self._one()
        amount = one.open_amount + Decimal(self.random.choice(("-0.01", "-0.37", "0.01", "0.50")))
        return self._case(
            "cents_off", [one], self._filled("Оплата рах. {n} за {m} {y}", one), amount
        )

    def _stranger(self) -> Case:
        """Somebody whom the ledger does not know; the sum may be an invoice's by chance."""
        one = self.random.choice(self.invoices)
        amount = (
            one.open_amount
            if self.random.random() < 0.5
            else Decimal(self.random.randint(50, 20000))
        )
        case = self._case(
            "stranger",
            [one],
            self.random.choice(("Добровільний внесок", "Оплата рах. № 3")),
            amount,
        )
        case.line |= {
            "payer_name": "ТОВ Ромашка",
            "payer_edrpou": "32855961",
            "payer_iban": "UA" + "7" * 27,
        }
        return Case("stranger", case.line, frozenset())

    def _returned(self) -> Case:
        payment = self.free.pop()
        line = {
            "booked_on": date(2026, 11, 20),
            "amount": -payment.amount,
            "payer_name": payment.payer.name,
            "payer_edrpou": payment.payer.edrpou,
            "payer_iban": "",
            "purpose": "Повернення помилково сплачених коштів",
        }
        return Case("returned", line, frozenset({-payment.pk}))
