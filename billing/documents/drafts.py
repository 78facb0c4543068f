"""Acts and invoices drawn up from the ledger, to be printed and signed."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from bezpechne.kernel.activities import Activity
from billing.costs.rates import contribution_rates
from billing.errors import LedgerRefused
from billing.models import (
    Act,
    ActLine,
    Allocation,
    Contractor,
    CostEntry,
    FundingAgreement,
    Invoice,
    Payer,
)
from billing.papers import act as act_paper
from billing.papers import invoice as invoice_paper
from billing.papers.lines import Contribution, Line
from billing.papers.parties import RNOKPP, Contract, Party
from billing.papers.words import dated
from billing.spreading import KOPIYKA
from billing.states import EntryKind, PayerKind

# The papers are Ukrainian whatever language the officer reads the screen in.
_SERVICES: dict[str, str] = {
    EntryKind.FEE: "Робота модератора за місяць",
    EntryKind.CONTRIBUTION: "Єдиний внесок",
    EntryKind.OTHER: "Інші витрати",
    EntryKind.OPENING: "Вхідний залишок",
}
_ACTIVITIES: dict[str, str] = {
    Activity.MODERATION: "Модерація питань",
    Activity.ROUTING: "Передання питань підрозділам",
    Activity.ANSWERS: "Підготовка відповідей",
    Activity.WORKING_GROUPS: "Участь у робочих групах",
    Activity.OTHER: "Інша робота модератора",
}
# Tax Code of Ukraine, art. 193: the rate that a sum with VAT contains.
VAT_PERCENT = 20


class NoContractor(LedgerRefused):
    """Nobody has said who does the work of this agreement."""


def act_of(act: Act) -> act_paper.Act:
    """Content of an act. Raises NoContractor."""
    agreement = _with_parties(act.agreement_id)
    lines = list(ActLine.objects.filter(act=act).select_related("allocation__entry").order_by("pk"))
    parts = [line.allocation for line in lines]
    wages = bool(agreement.contribution_kekv)
    pay = [part for part in parts if not (wages and _is_contribution(part))]
    upon = [part for part in parts if wages and _is_contribution(part)]
    return act_paper.Act(
        number=act.label,
        day=act.issued_on,
        month=act.month,
        city=act.account.name_uk,
        contractor=_contractor(agreement),
        payer=payer_party(agreement.payer),
        contract=contract_of(agreement),
        lines=_lines(pay),
        kpkvk=agreement.kpkvk,
        kekv=agreement.kekv,
        contribution=_contribution(act, agreement, upon) if upon else None,
        vat=_vat(agreement, act.amount),
    )


def invoice_of(invoice: Invoice) -> invoice_paper.Invoice:
    """Content of an invoice. Raises NoContractor."""
    agreement = _with_parties(invoice.agreement_id)
    lines = ActLine.objects.filter(act=invoice.act).select_related("allocation__entry")
    return invoice_paper.Invoice(
        number=invoice.label,
        day=invoice.issued_on,
        due_on=invoice.due_on,
        month=invoice.month,
        city=invoice.account.name_uk,
        supplier=_contractor(agreement),
        payer=payer_party(agreement.payer),
        contract=contract_of(agreement),
        lines=_lines([line.allocation for line in lines.order_by("pk")]),
        act=f"{invoice.act.label} від {dated(invoice.act.issued_on)}",
        kpkvk=agreement.kpkvk,
        kekv=agreement.kekv,
        vat=_vat(agreement, invoice.amount),
    )


def payer_party(payer: Payer) -> Party:
    """A payer as the other side of a paper."""
    contact = ", ".join(filter(None, (payer.contact_phone, payer.contact_email)))
    return Party(
        name=payer.name,
        code=payer.edrpou,
        address=payer.address,
        iban=payer.iban,
        bank=payer.bank,
        contact=contact,
        position=payer.signatory,
    )


def contractor_party(contractor: Contractor) -> Party:
    """Who does the work, as a side of a paper; ten digits are a person's tax number."""
    is_person = len(contractor.code) == len("1234567890")
    return Party(
        name=contractor.name,
        code=contractor.code,
        code_name=RNOKPP if is_person else Party.code_name,
        address=contractor.address,
        iban=contractor.iban,
        bank=contractor.bank,
        contact=contractor.contact,
        position=contractor.position,
        signatory=contractor.signatory,
        basis=contractor.basis,
    )


def contract_of(agreement: FundingAgreement) -> Contract:
    kinds = {PayerKind.DONOR: "грантова угода"}
    kind = kinds.get(PayerKind(agreement.payer.kind), "договір")
    return Contract(agreement.number, agreement.signed_on, kind)


# --- Steps ----------------------------------------------------------------------------------------


def _with_parties(key: int) -> FundingAgreement:
    rows = FundingAgreement.objects.select_related("payer", "contractor")
    found: FundingAgreement = rows.get(pk=key)
    return found


def _contractor(agreement: FundingAgreement) -> Party:
    if agreement.contractor is None:
        raise NoContractor(
            _("Nobody has said who does the work of agreement %(number)s.")
            % {"number": agreement.number}
        )
    return contractor_party(agreement.contractor)


def _is_contribution(part: Allocation) -> bool:
    return bool(part.entry.kind == EntryKind.CONTRIBUTION)


def _lines(parts: list[Allocation]) -> tuple[Line, ...]:
    """Support is told by the paper itself; a line that was reversed stands beside its reversal."""
    return tuple(_line(part) for part in parts if part.entry.kind != EntryKind.SUPPORT)


def _line(part: Allocation) -> Line:
    entry: CostEntry = part.entry
    service = _ACTIVITIES.get(entry.activity) or _SERVICES.get(entry.kind, "")
    if entry.kind == EntryKind.OTHER and entry.description:
        service = entry.description
    if entry.reverses_id:
        service = f"{service} (сторно)"
    is_whole = part.amount == entry.amount
    if entry.kind == EntryKind.HOURS and entry.minutes is not None and is_whole:
        hours = (Decimal(entry.minutes) / 60).quantize(Decimal("0.01"))
        return Line(service, part.amount, hours, entry.per_hour)
    if entry.kind == EntryKind.FEE and is_whole:
        return Line(service, part.amount, Decimal(1), part.amount, "місяць")
    # A part of what several pay: its sum is what counts.
    return Line(service, part.amount)


def _contribution(act: Act, agreement: FundingAgreement, parts: list[Allocation]) -> Contribution:
    amount = sum((part.amount for part in parts), Decimal("0.00"))
    known = [percent for day, percent in contribution_rates() if day <= act.month]
    return Contribution(
        rate=known[-1].normalize() if known else Decimal(0),
        amount=amount,
        pay_kekv=agreement.kekv,
        kekv=agreement.contribution_kekv,
    )


def _vat(agreement: FundingAgreement, amount: Decimal) -> Decimal | None:
    """What of the sum is VAT; None where the contractor pays none."""
    if agreement.without_vat:
        return None
    part = amount * VAT_PERCENT / (100 + VAT_PERCENT)
    return part.quantize(KOPIYKA, ROUND_HALF_UP)
