"""What a line tells of who paid and for what, set against what is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.bank import purpose
from billing.bank.candidates import Ground, OpenInvoice
from billing.bank.naming import is_named, words_of
from billing.bank.purpose import Named, Purpose
from billing.models import StatementLine

# Of strangers' lines: how many invoices of the same sum are worth a look.
_MOST_BY_SUM = 20


@dataclass(frozen=True)
class Evidence:
    """`of_payer`: open invoices of the one payer that the line names; empty while that is unclear."""

    amount: Decimal
    said: Purpose
    by_edrpou: frozenset[int] = frozenset()
    by_iban: frozenset[int] = frozenset()
    by_name: frozenset[int] = frozenset()
    of_payer: Sequence[OpenInvoice] = ()
    candidates: Sequence[OpenInvoice] = ()
    named: frozenset[OpenInvoice] = frozenset()
    by_act: frozenset[OpenInvoice] = frozenset()
    # Keys of agreements, and of accounts, that the purpose names.
    contracts: frozenset[int] = frozenset()
    cities: frozenset[int] = frozenset()
    unknown_numbers: frozenset[Named] = field(default_factory=frozenset)
    is_doubtful: bool = False

    @property
    def likely(self) -> Sequence[OpenInvoice]:
        """Of the one payer that is known, or whose name alone resembles the bank's."""
        if self.of_payer or len(self.by_name) != 1:
            return self.of_payer
        return [one for one in self.candidates if one.payer_id in self.by_name]

    def closeness(self, one: OpenInvoice) -> int:
        """A rough order, for choosing the few of a large donor's that are worth a look."""
        return (
            8 * (one in self.named or one in self.by_act)
            + 4 * (one.agreement_id in self.contracts)
            + 3 * (one.open == self.amount)
            + 2 * self.agrees(one)
        )

    def closest(self, some: Sequence[OpenInvoice], most: int) -> list[OpenInvoice]:
        """The closest, among equals the oldest; in the order of time."""
        chosen = sorted(some, key=lambda one: (-self.closeness(one), one.month, one.pk))[:most]
        return sorted(chosen, key=lambda one: (one.month, one.pk))

    def agrees(self, one: OpenInvoice) -> bool:
        """Nothing that the purpose says speaks against it."""
        return (
            (not self.said.months or one.month in self.said.months)
            and (not self.contracts or one.agreement_id in self.contracts)
            and (not self.cities or one.account_id in self.cities)
        )


def evidence_for(line: StatementLine, ground: Ground) -> Evidence:
    """Reads the line once; no queries."""
    said = purpose.read(line.purpose, line.booked_on)
    code = ground.by_edrpou.get(line.payer_edrpou)
    by_edrpou = frozenset() if code is None else frozenset({code})
    by_iban = frozenset(ground.by_iban.get(line.payer_iban, ()))
    by_name = _by_name(line, ground)
    by_contract = _by_contract(said, ground)
    payers = _payers(line, by_edrpou, by_iban, by_name, by_contract)
    of_payer = [one for pk in sorted(payers) for one in ground.of_payer.get(pk, ())]
    pool = of_payer or _strangers(line, said, ground, by_name, by_contract)
    named = frozenset(one for one in pool if _is_named(one.number, one.year, said.invoices))
    by_act = frozenset(one for one in pool if _is_named(one.act_number, one.act_year, said.acts))
    return Evidence(
        amount=line.amount,
        said=said,
        by_edrpou=by_edrpou,
        by_iban=by_iban,
        by_name=by_name,
        of_payer=of_payer if len(payers) == 1 else (),
        candidates=pool,
        named=named,
        by_act=by_act,
        contracts=frozenset(one.agreement_id for one in by_contract if one in pool),
        cities=_cities(said, pool),
        unknown_numbers=_unknown(said, pool),
        is_doubtful=(
            len(payers) != 1
            or line.is_reversal
            or said.is_return
            or any(one.payer_id not in payers for one in by_contract)
        ),
    )


def _payers(
    line: StatementLine,
    by_edrpou: frozenset[int],
    by_iban: frozenset[int],
    by_name: frozenset[int],
    by_contract: Sequence[OpenInvoice],
) -> frozenset[int]:
    """One where it is clear who paid; several where two signs contradict each other."""
    if by_edrpou or by_iban:
        # A code that is no payer's, on a payer's account: somebody else pays from there.
        strange = line.payer_edrpou and not by_edrpou
        return by_edrpou | by_iban | (frozenset({0}) if strange else frozenset())
    if line.payer_edrpou:
        return frozenset()
    of_contract = frozenset(one.payer_id for one in by_contract)
    return of_contract if len(of_contract) == 1 and of_contract <= by_name else frozenset()


def _by_name(line: StatementLine, ground: Ground) -> frozenset[int]:
    """Payers most of whose words stand in the bank's name."""
    words = words_of(line.payer_name)
    if not words:
        return frozenset()
    return frozenset(
        pk for pk, own in ground.name_words.items() if own and len(own & words) * 3 >= len(own) * 2
    )


def _by_contract(said: Purpose, ground: Ground) -> list[OpenInvoice]:
    """Invoices whose agreement's number stands in the purpose; a short one only after its word."""
    keys = {key for key in said.chunks if len(key) >= 5} | said.contracts
    return [one for key in sorted(keys) for one in ground.of_contract.get(key, ())]


def _strangers(
    line: StatementLine,
    said: Purpose,
    ground: Ground,
    by_name: frozenset[int],
    by_contract: Sequence[OpenInvoice],
) -> list[OpenInvoice]:
    """What may be meant where nobody knows who paid."""
    found = [*by_contract]
    for pk in sorted(by_name):
        found += ground.of_payer[pk]
    found += ground.of_amount.get(line.amount, [])[:_MOST_BY_SUM]
    return list(dict.fromkeys(found))


def _is_named(number: int, year: int, named: frozenset[Named]) -> bool:
    return any(one.number == number and one.year in {None, year} for one in named)


def _unknown(said: Purpose, pool: Sequence[OpenInvoice]) -> frozenset[Named]:
    """Numbers of invoices and acts in the purpose that nothing of the pool has."""
    strange_bills = (
        one
        for one in said.invoices
        if not any(_is_named(row.number, row.year, frozenset({one})) for row in pool)
    )
    strange_acts = (
        one
        for one in said.acts
        if not any(_is_named(row.act_number, row.act_year, frozenset({one})) for row in pool)
    )
    return frozenset([*strange_bills, *strange_acts])


def _cities(said: Purpose, pool: Sequence[OpenInvoice]) -> frozenset[int]:
    """Accounts named, told apart: where all of the pool are one city, its name says nothing."""
    cities = {one.account_id: one.city_uk for one in pool}
    if len(cities) < 2:
        return frozenset()
    return frozenset(pk for pk, name in cities.items() if is_named(name, said.words))
