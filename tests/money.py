"""Rows of the ledger for tests, made by the product's own actions."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile

from bezpechne.accounts.models import User
from bezpechne.kernel.actors import Actor
from billing.accounts import account_for
from billing.contractors import save_contractor
from billing.funding import agreements, periods
from billing.funding.periods import Share
from billing.models import (
    CityAccount,
    Contractor,
    FundingAgreement,
    FundingPeriod,
    Grant,
    Paper,
    Payer,
)
from billing.payers import save_grant, save_payer
from billing.states import Basis, Engagement, PaperKind, PayerKind, Source
from billing.system import LEDGER
from tenants.models import City
from tests.factories import Make

# Codes whose check digits are right.
EDRPOUS = ("00032106", "14360570", "00013480", "14352406", "21560766")
YEAR_2026 = (date(2026, 1, 1), date(2026, 12, 31))


def d(text: str) -> Decimal:
    """A sum."""
    return Decimal(text)


class Money:
    """Everything by the ledger's own hand, in `public`."""

    by: Actor = LEDGER

    def sum(self, text: str) -> Decimal:
        return d(text)

    def officer(self) -> User:
        return Make(None).user("finance", name="Федір Фінансист")

    def account(self, city: City) -> CityAccount:
        return account_for(city, by=self.by)

    def payer(self, kind: PayerKind = PayerKind.DONOR, name: str = "", **fields: Any) -> Payer:
        payer = Payer(kind=kind, name=name or f"Платник {uuid4().hex[:6]}", **fields)
        return save_payer(by=self.by, payer=payer)

    def contractor(self, name: str = "", **fields: Any) -> Contractor:
        contractor = Contractor(name=name or f"ФОП {uuid4().hex[:6]}", **fields)
        return save_contractor(by=self.by, contractor=contractor)

    def grant(self, payer: Payer, amount: str = "50000.00", **fields: Any) -> Grant:
        first, last = YEAR_2026
        grant = Grant(
            payer=payer,
            number=fields.pop("number", f"G-{uuid4().hex[:6]}"),
            signed_on=fields.pop("signed_on", first),
            starts_on=fields.pop("starts_on", first),
            ends_on=fields.pop("ends_on", last),
            amount=d(amount),
            **fields,
        )
        return save_grant(by=self.by, grant=grant, lines=[])

    def agreement(
        self,
        account: CityAccount,
        payer: Payer | None = None,
        monthly: str = "10000.00",
        days: tuple[date, date] = YEAR_2026,
        **fields: Any,
    ) -> FundingAgreement:
        payer = payer or self.payer()
        donor = payer.kind == PayerKind.DONOR
        local = payer.kind == PayerKind.LOCAL_BUDGET
        source = Source.GRANT if donor else Source.GENERAL_FUND if local else Source.OWN
        engagement = fields.pop("engagement", Engagement.SERVICE)
        people = engagement in {Engagement.CIVIL_LAW, Engagement.STAFF}
        agreement = FundingAgreement(
            payer=payer,
            account=account,
            number=fields.pop("number", f"Д-{uuid4().hex[:6]}"),
            signed_on=fields.pop("signed_on", days[0]),
            starts_on=days[0],
            ends_on=days[1],
            source=fields.pop("source", source),
            basis=fields.pop("basis", Basis.MONTHLY),
            engagement=engagement,
            monthly_amount=d(monthly),
            kpkvk=fields.pop("kpkvk", "0218230" if local else ""),
            kekv=fields.pop("kekv", "2111" if people else "2240"),
            **fields,
        )
        return agreements.add(by=self.by, agreement=agreement)

    def fund(
        self,
        agreement: FundingAgreement,
        first: date | None = None,
        last: date | None = None,
    ) -> FundingPeriod:
        """The agreement alone pays, for its whole term when no days are given."""
        return periods.fund(
            by=self.by,
            account=agreement.account,
            first=first or agreement.starts_on,
            last=last or agreement.ends_on,
            shares=[Share(agreement)],
        )

    def paper(self, kind: PaperKind = PaperKind.SIGNED_ACT, **fields: Any) -> Paper:
        content = b"%PDF-1.7\n%%EOF\n"
        paper = Paper(
            kind=kind,
            file_name="signed.pdf",
            content_type="application/pdf",
            sha256=uuid4().hex * 2,
            size=len(content),
            **fields,
        )
        paper.file.save("signed.pdf", ContentFile(content), save=False)
        paper.save()
        return paper
