"""What lines of statements may be about, read for a whole page of them in four queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import get_language

from billing.bank.naming import words_of
from billing.bank.purpose import squeezed
from billing.models import Invoice, Payer, Payment, StatementLine
from billing.states import InvoiceState


# Each stands once in a ground: compared by identity, which is quick for thousands.
@dataclass(frozen=True, eq=False)
class OpenInvoice:
    """An invoice that is not paid whole. `open`: what lacks."""

    pk: int
    number: int
    year: int
    payer_id: int
    payer_name: str
    account_id: int
    city: str
    city_uk: str
    month: date
    open: Decimal
    agreement_id: int
    contract: str
    act_number: int
    act_year: int

    @property
    def label(self) -> str:
        return f"{self.number}/{self.year}"

    @property
    def contract_key(self) -> str:
        return squeezed(self.contract)


@dataclass(frozen=True)
class FreePayment:
    """Money that pays nothing, or not all of it; `edrpou` and `ibans` of who sent it."""

    pk: int
    received_on: date
    free: Decimal
    payer_name: str
    edrpou: str
    ibans: frozenset[str]


@dataclass
class Ground:
    """Payers by what a bank tells of them, and everything that is open."""

    by_edrpou: dict[str, int] = field(default_factory=dict)
    by_iban: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    invoices: Sequence[OpenInvoice] = ()
    of_payer: dict[int, list[OpenInvoice]] = field(default_factory=lambda: defaultdict(list))
    of_amount: dict[Decimal, list[OpenInvoice]] = field(default_factory=lambda: defaultdict(list))
    of_contract: dict[str, list[OpenInvoice]] = field(default_factory=lambda: defaultdict(list))
    name_words: dict[int, frozenset[str]] = field(default_factory=dict)
    payments: Sequence[FreePayment] = ()


def ground_for(lines: Collection[StatementLine]) -> Ground:
    """Four queries at most, however many lines and invoices there are."""
    ground = Ground()
    _read_payers(ground, lines)
    if any(line.amount > 0 for line in lines):
        _read_invoices(ground)
    if any(line.amount < 0 for line in lines):
        ground.payments = _free_payments()
    return ground


def _read_payers(ground: Ground, lines: Collection[StatementLine]) -> None:
    codes = {line.payer_edrpou for line in lines} - {""}
    ibans = {line.payer_iban for line in lines} - {""}
    told = Payer.objects.filter(Q(edrpou__in=codes) | Q(iban__in=ibans))
    for pk, edrpou, iban in told.values_list("pk", "edrpou", "iban"):
        if edrpou:
            ground.by_edrpou[edrpou] = pk
        if iban:
            ground.by_iban[iban].add(pk)
    # An account from which a payer paid before is the payer's, as a person then decided.
    before = Payment.objects.filter(line__payer_iban__in=ibans, payer__isnull=False)
    for iban, pk in before.values_list("line__payer_iban", "payer_id").distinct():
        ground.by_iban[iban].add(pk)


def _read_invoices(ground: Ground) -> None:
    rows = Invoice.objects.filter(state=InvoiceState.ISSUED, amount__gt=F("matched"))
    name = "account__name_en" if get_language() == "en" else "account__name_uk"
    names = (
        *("pk", "number", "year", "payer_id", "payer__name", "account_id", name),
        *("account__name_uk", "month", "free", "agreement_id", "agreement__number"),
        *("act__number", "act__year"),
    )
    found = rows.annotate(free=F("amount") - F("matched")).order_by("month", "pk")
    ground.invoices = [OpenInvoice(*row) for row in found.values_list(*names)]
    for one in ground.invoices:
        ground.of_payer[one.payer_id].append(one)
        ground.of_amount[one.open].append(one)
        ground.of_contract[one.contract_key].append(one)
        if one.payer_id not in ground.name_words:
            ground.name_words[one.payer_id] = frozenset(words_of(one.payer_name))


def _free_payments() -> list[FreePayment]:
    rows = (
        Payment.objects.filter(amount__gt=F("matched") + F("returned"))
        .select_related("payer", "line")
        .order_by("-received_on", "-pk")
    )
    return [
        FreePayment(
            pk=row.pk,
            received_on=row.received_on,
            free=row.free_amount,
            payer_name=row.payer.name if row.payer else (row.line.payer_name if row.line else ""),
            edrpou=(row.line and row.line.payer_edrpou) or (row.payer.edrpou if row.payer else ""),
            ibans=frozenset(
                {row.line.payer_iban if row.line else "", row.payer.iban if row.payer else ""}
                - {""}
            ),
        )
        for row in rows
        if row.amount > 0
    ]
