"""The demo's ledger: a donor pays for Kyiv and Ternopil, and for Poltava until its council does."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F

from bezpechne.kernel import clock
from billing.accounts import account_for, show_costs
from billing.bank import payments
from billing.bank.statements.columns import Mapping
from billing.bank.statements.importing import import_statement
from billing.contractors import assign, save_contractor
from billing.documents import acts
from billing.documents.papers import keep_paper
from billing.documents.run import run
from billing.funding import agreements, periods
from billing.funding.periods import Share
from billing.models import Act, CityAccount, Contractor, FundingAgreement, Grant, Invoice, Payer
from billing.payers import Line, add_tranche, save_grant, save_payer
from billing.spreading import last_of, month_of, months, next_month
from billing.states import PaperKind, PayerKind, Source
from billing.system import LEDGER
from provisioning.demo.handing_over import lead_to_change, lead_to_evaluation
from tenants.models import City

CONTRACTOR_NAME = "ГО «Безпечне» (демо)"
# Numbers whose check digits are right; they are nobody's.
OWN_ACCOUNT = "UA213223130000026007233566001"
DONOR_ACCOUNT = "UA903052992990004149123456789"
MONTHLY = Decimal("18500.00")
# Months that the donor has paid for when the demo begins.
MONTHS = 6


@transaction.atomic
def seed_money(cities: Sequence[City]) -> bool:
    """Payers, agreements, acts and payments of the last half year; False when they are there."""
    if Payer.objects.exists():
        return False
    today = clock.today()
    first = month_of(month_of(today) - timedelta(days=31 * MONTHS - 15))
    last = date(today.year + 1, 12, 31)
    donor = Payer(
        kind=PayerKind.DONOR,
        name="Фонд «Громада» (демо)",
        name_en="Hromada Fund (demo)",
        iban=DONOR_ACCOUNT,
        language="uk",
        notice_uk="Роботу модератора підтримує Фонд «Громада».",
        notice_en="The moderator’s work is supported by the Hromada Fund.",
    )
    save_payer(by=LEDGER, payer=donor)
    grant = _grant(donor, first, last)
    worker = Contractor(
        name=CONTRACTOR_NAME, position="Директорка", signatory="Олена Коваль", basis="Статут"
    )
    contractor = save_contractor(by=LEDGER, contractor=worker)
    for city in cities:
        account = account_for(city, by=LEDGER)
        agreement = _agreement(account, donor, "Г", first, last, grant)
        assign(by=LEDGER, agreement=agreement, contractor=contractor)
        shares = [Share(agreement)]
        periods.fund(by=LEDGER, account=account, first=first, last=last, shares=shares)
        for month in months(first, month_of(today) - timedelta(days=1)):
            # As if it had been done in the middle of the month after.
            done_on = min(next_month(month) + timedelta(days=14), today)
            with clock.frozen(datetime.combine(done_on, time(9), clock.KYIV)):
                _paid_month(account, month, today)
        show_costs(by=LEDGER, account=account, shown=True)
        if city.slug != "kyiv":
            council = _council(city)
            row = lead_to_evaluation(account, council, first)
            if city.slug == "poltava":
                contract = _agreement(account, council, "Д", next_month(today), last, None)
                assign(by=LEDGER, agreement=contract, contractor=contractor)
                lead_to_change(row, contract, next_month(today))
    _statement(today)
    return True


def _statement(today: date) -> None:
    """What the bank tells of today: the bills of the last month, and somebody's money by mistake."""
    lines = ["Дата;Сума;Назва контрагента;Рахунок контрагента;Призначення платежу"]
    for bill in Invoice.objects.exclude(matched=F("amount")).select_related("payer").order_by("pk"):
        purpose = f"За послуги модератора, рахунок № {bill.label}, без ПДВ"
        lines.append(
            f"{today:%d.%m.%Y};{bill.amount};{bill.payer.name};{bill.payer.iban};{purpose}"
        )
    lines.append(f"{today:%d.%m.%Y};1250,00;ТОВ «Ромашка» (демо);;Оплата за квіти")
    import_statement(
        by=LEDGER,
        file_name="vypyska-demo.csv",
        content="\r\n".join(lines).encode("windows-1251"),
        mapping=Mapping(
            {"day": 0, "amount": 1, "payer_name": 2, "payer_iban": 3, "purpose": 4}, OWN_ACCOUNT
        ),
    )


def _grant(donor: Payer, first: date, last: date) -> Grant:
    grant = Grant(
        payer=donor,
        number="G-2026/14",
        signed_on=first,
        currency="UAH",
        amount=Decimal("1500000.00"),
        starts_on=first,
        ends_on=last,
    )
    save_grant(by=LEDGER, grant=grant, lines=[Line("Оплата праці", Decimal("1400000.00"))])
    add_tranche(by=LEDGER, grant=grant, received_on=first, amount=Decimal("750000.00"))
    return grant


def _agreement(
    account: CityAccount,
    payer: Payer,
    series: str,
    first: date,
    last: date,
    grant: Grant | None,
) -> FundingAgreement:
    local = payer.kind == PayerKind.LOCAL_BUDGET
    agreement = FundingAgreement(
        payer=payer,
        account=account,
        number=f"{series}-{account.pk}/{first:%y}",
        signed_on=min(first, clock.today()),
        starts_on=first,
        ends_on=last,
        source=Source.GENERAL_FUND if local else Source.GRANT,
        monthly_amount=MONTHLY,
        kpkvk="0218230" if local else "",
        kekv="2240",
        grant=grant,
    )
    return agreements.add(by=LEDGER, agreement=agreement)


def _council(city: City) -> Payer:
    council = Payer(
        kind=PayerKind.LOCAL_BUDGET,
        name=f"{city.name_uk}: міська рада (демо)",
        name_en=f"{city.name_en} council (demo)",
    )
    return save_payer(by=LEDGER, payer=council)


def _paid_month(account: CityAccount, month: date, today: date) -> None:
    """All but the last month are signed and paid."""
    run(by=LEDGER, account=account, month=month)
    if next_month(month) >= month_of(today):
        return
    for act in Act.objects.filter(account=account, month=month):
        copy = keep_paper(
            by=LEDGER,
            kind=PaperKind.SIGNED_ACT,
            upload=SimpleUploadedFile("act.pdf", b"%PDF-1.4\n%%EOF\n"),
            number=act.label,
        )
        signed_on = last_of(month) + timedelta(days=3)
        acts.sign(by=LEDGER, act=act, signed_on=signed_on, copy=copy)
        invoice = Invoice.objects.get(act=act)
        payment = payments.enter(
            by=LEDGER,
            payer=act.payer,
            received_on=signed_on + timedelta(days=7),
            amount=invoice.amount,
            reference=f"{act.number}",
        )
        payments.match(by=LEDGER, payment=payment, invoice=invoice, amount=invoice.amount)
