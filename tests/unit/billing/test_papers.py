"""Papers: sums in words, what a sheet holds, what a hostile text cannot do."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.papers.act import Act
from billing.papers.budget_request import BudgetRequest, CodeSum
from billing.papers.evidence import Check, Evidence, Month
from billing.papers.figures import standard_figures
from billing.papers.invoice import Invoice
from billing.papers.lines import Contribution, Line
from billing.papers.memorandum import Memorandum
from billing.papers.parties import RNOKPP, Contract, Party
from billing.papers.pdf import compiler
from billing.papers.words import days_of, hryvnias_in_words, money

DAY = date(2026, 6, 1)
COUNCIL = Party("Полтавська міська рада", "14360570", position="Міський голова Іваненко І. І.")
WORKER = Party("ФОП Коваль Олена Іванівна", "3184710691", RNOKPP, signatory="О. І. Коваль")
EVIL = '#panic("x") $ * _ @label <a> \u202eобернено\x07 ' + "я" * 400


def an_act(**fields: object) -> Act:
    given_fields = {
        "number": "5/2026",
        "day": DAY,
        "month": date(2026, 5, 1),
        "city": "Полтава",
        "contractor": WORKER,
        "payer": COUNCIL,
        "contract": Contract("Д-12", date(2026, 1, 5)),
        "lines": (Line("Робота модератора за місяць", Decimal("18500.00"), Decimal(1)),),
    }
    return Act(**{**given_fields, **fields})  # type: ignore[arg-type] # as the test says


def a_request(months: int = 6, first: date = date(2027, 7, 1)) -> BudgetRequest:
    return BudgetRequest(
        day=DAY,
        sender=WORKER,
        addressee=("Полтавській міській раді",),
        city="Полтава",
        first_month=first,
        months=months,
        codes=(CodeSum("2240", "Послуги модератора", Decimal("18500.00")),),
        figures=standard_figures({"published": 30}, {"published": 20}),
        period="січень – червень 2026 р.",
    )


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.00", "нуль гривень 00 копійок"),
        ("1.00", "одна гривня 00 копійок"),
        ("2.00", "дві гривні 00 копійок"),
        ("5.00", "п’ять гривень 00 копійок"),
        ("11.00", "одинадцять гривень 00 копійок"),
        ("21.00", "двадцять одна гривня 00 копійок"),
        ("22.02", "двадцять дві гривні 02 копійки"),
        ("111.21", "сто одинадцять гривень 21 копійка"),
        ("1000.00", "одна тисяча гривень 00 копійок"),
        ("2002.11", "дві тисячі дві гривні 11 копійок"),
        ("1000000.01", "один мільйон гривень 01 копійка"),
    ],
)
def test_a_sum_in_words(amount: str, words: str) -> None:
    assert hryvnias_in_words(Decimal(amount)) == words


def test_a_sum_begins_a_sentence_and_never_hides_a_part_of_a_kopiyka() -> None:
    assert hryvnias_in_words(Decimal("5.00"), capital=True).startswith("П’ять")
    with pytest.raises(ValueError, match="two decimals"):
        hryvnias_in_words(Decimal("1.005"))


@given(st.integers(min_value=0, max_value=10**9))
def test_words_of_a_sum_end_with_its_kopiykas_and_agree_with_them(kopiykas: int) -> None:
    words = hryvnias_in_words(Decimal(kopiykas).scaleb(-2))
    found = re.fullmatch(r"[а-щьюяєіїґ’ ]+ грив(?:ня|ні|ень) (\d\d) копій(?:ка|ки|ок)", words)
    assert found
    assert int(found[1]) == kopiykas % 100


def test_money_is_grouped_and_days_decline() -> None:
    assert (
        money(Decimal("-1234567.8"))
        == "\N{MINUS SIGN}1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,80"
    )
    assert [days_of(n, "робочого", "робочих") for n in (1, 2, 11, 21)] == [
        "1 робочого дня",
        "2 робочих днів",
        "11 робочих днів",
        "21 робочого дня",
    ]


def test_an_act_tells_both_sides_the_month_and_the_sum_in_words() -> None:
    said = str(an_act().sheet().data())
    for text in ("Полтавська міська рада", "РНОКПП 3184710691", "травень 2026", "Д-12"):
        assert text in said
    assert "Вісімнадцять тисяч п’ятсот гривень 00 копійок, без ПДВ" in said
    assert "Технічна підтримка" in said
    assert an_act().pdf().startswith(b"%PDF")


def test_a_persons_act_adds_the_contribution_under_its_own_code() -> None:
    act = an_act(contribution=Contribution(Decimal(22), Decimal("4070.00")), kekv="2111")
    assert act.total == Decimal("22570.00")
    said = str(act.sheet().data())
    assert "2120" in said
    assert repr("22\N{NO-BREAK SPACE}570,00") in said


def test_an_invoice_suggests_the_purpose_of_the_payment() -> None:
    invoice = Invoice(
        number="7/2026",
        day=DAY,
        due_on=date(2026, 7, 1),
        month=date(2026, 5, 1),
        city="Полтава",
        supplier=WORKER,
        payer=COUNCIL,
        contract=Contract("Д-12", date(2026, 1, 5)),
        lines=(Line("Робота", Decimal("100.00")),),
        kpkvk="0218230",
        kekv="2240",
        vat=Decimal("16.67"),
    )
    assert "рахунок № 7/2026" in invoice.purpose
    assert "КПКВК 0218230, КЕКВ 2240, у тому числі ПДВ 16,67 грн" in invoice.purpose
    assert invoice.pdf().startswith(b"%PDF")


def test_a_budget_request_counts_the_months_of_one_year() -> None:
    assert a_request().total == Decimal("111000.00")
    for months in (0, 7):
        with pytest.raises(ValueError, match="one calendar year"):
            a_request(months)


def test_papers_that_are_argued_about_can_be_edited() -> None:
    memorandum = Memorandum(
        day=DAY,
        city="Полтава",
        site="poltava.example",
        organisation=WORKER,
        council=COUNCIL,
        police=Party("ГУНП"),
        pay_from=date(2027, 1, 1),
        until=date(2028, 12, 31),
    )
    for paper in (memorandum, a_request()):
        with zipfile.ZipFile(BytesIO(paper.docx())) as archive:
            text = re.sub(r"<[^>]+>", "", archive.read("word/document.xml").decode())
        assert "Полтава" in text
        assert "{" not in text
    assert "не створює фінансових зобов’язань" in str(memorandum.sheet().data())


def test_evidence_fills_two_pages_whatever_the_data() -> None:
    months = tuple(Month(date(2026, month, 1), month, month // 2) for month in range(1, 13))
    for evidence in (
        Evidence(DAY, "Полтава", "2026", (), standard_figures({}, {}), (), 2027),
        Evidence(
            day=DAY,
            city=EVIL,
            period="2026",
            months=months * 3,
            figures=standard_figures({"rating": Decimal("74.5")}, {"rating": 70}),
            checklist=(Check(EVIL, passed=True, remark=EVIL), *[Check("Чи?")] * 25),
            year=2027,
            monthly=Decimal("18500.00"),
            year_total=Decimal("222000.00"),
            residents=300_000,
        ),
    ):
        pages = compiler(Evidence.TEMPLATE, evidence.data()).compile(format="svg")
        assert isinstance(pages, list)
        assert len(pages) == 2


def test_nothing_typed_is_markup_and_nothing_hidden_stays() -> None:
    act = an_act(city=EVIL, payer=Party(EVIL, address=EVIL, position=EVIL))
    assert act.pdf().startswith(b"%PDF")
    assert "\u202e" not in str(an_act().sheet().data())
    with zipfile.ZipFile(BytesIO(act.docx())) as archive:
        assert "\u202e" not in archive.read("word/document.xml").decode()
