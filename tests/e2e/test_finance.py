"""A finance officer's work: a city's payers, a month, a hand-over, and a link for the donor."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors
from tests.e2e.installation import CityAddress, Installation

TODAY = datetime.now(ZoneInfo("Europe/Kyiv")).date()
DONOR, COUNCIL = "Фонд «Світло»", "Мукачівська міська рада"
SCAN = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\n"}


def first_of(day: date) -> date:
    return day.replace(day=1)


THIS_MONTH = first_of(TODAY)
LAST_MONTH = first_of(THIS_MONTH - timedelta(days=1))
NEXT_MONTH = first_of(THIS_MONTH + timedelta(days=32))
FIRST = first_of(LAST_MONTH - timedelta(days=1))
LAST = date(TODAY.year + 1, 12, 31)


@pytest.fixture(scope="module")
def place(installation: Installation) -> CityAddress:
    return installation.provision("Мукачево")


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    """Fails at the end with everything that was found on the pages of a test."""
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


class Desk:
    """The officer's browser; `save` fills the form of a page and expects no error."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base_url}/finance/{path}")

    def press(self, label: str) -> None:
        """A button of the page's head, a link or a form."""
        button = self.page.locator("main .cluster .button", has_text=re.compile(f"^{label}$"))
        with self.page.expect_navigation():
            button.first.click()

    def save(self, **fields: Any) -> None:
        steps.send(self.page.locator("main form.card"), fields)
        expect(self.page.locator(".error-summary")).to_have_count(0)

    def choice(self, name: str, text: str) -> str:
        """The value of an option that holds the text."""
        option = self.page.locator(f"select[name='{name}'] option", has_text=text).first
        return str(option.get_attribute("value"))

    def add_payer(self, kind: str, name: str) -> None:
        self.open("payers/new/")
        self.save(kind=kind, name=name)

    def add_agreement(self, slug: str, payer: str, first: date, **fields: Any) -> None:
        self.open(f"cities/{slug}/agreements/new/")
        self.save(
            payer=self.choice("payer", payer),
            signed_on=TODAY.isoformat(),
            starts_on=first.isoformat(),
            ends_on=LAST.isoformat(),
            basis="monthly",
            engagement="service",
            monthly_amount="18 500,01",
            kekv="2240",
            **fields,
        )


@pytest.fixture
def desk(installation: Installation, visitors: Visitors) -> Desk:
    return Desk(steps.finance_officer_of(installation, visitors), installation.base_url)


def lead_to_contract(desk: Desk, contract: str) -> None:
    """Every step by its form and its button."""
    page, day = desk.page, TODAY.isoformat()
    yes = {f"passed_{number}": "yes" for number in range(5)}
    paper = {"dated_on": day, "copy": [SCAN], "number": "7"}
    desk.press("Заповнити крок")
    desk.save(council=desk.choice("council", COUNCIL))
    forms: list[dict[str, Any]] = [
        {"trial_starts": FIRST.isoformat(), "trial_ends": day},
        {"representative": "Роман", "checked_on": day, **yes},
        {"decision": "hand_over", "decided_on": day},
        paper,
        {
            "first_month": f"{NEXT_MONTH:%Y-%m}",
            "months": str(13 - NEXT_MONTH.month),
            "monthly_amount": "18500,01",
            "kpkvk": "0218230",
            "request_sent_on": day,
        },
        paper,
    ]
    for form in forms:
        desk.press("Наступний крок")
        desk.press("Заповнити крок")
        desk.save(**form)
    desk.press("Наступний крок")
    desk.press("Заповнити крок")
    desk.save(contract=desk.choice("contract", contract))
    expect(page.locator("h1")).to_contain_text("Договір")


def take_in_statement(desk: Desk, inspect: Inspection) -> None:
    """A file as banks give it: its columns are confirmed, its line pays the invoice."""
    page = desk.page
    rows = (
        "Дата;Сума;Назва контрагента;Призначення платежу",
        f"{TODAY:%d.%m.%Y};18 500,01;{DONOR};За послуги, рахунок № 1/{TODAY.year}",
        f"{TODAY:%d.%m.%Y};5,00;Хтось;Не про нас",
    )
    content = "\r\n".join(rows).encode("windows-1251")
    file = {"name": "bank.csv", "mimeType": "text/csv", "buffer": content}
    desk.open("bank/statements/new/")
    desk.save(file=[file])
    inspect(page, "statement columns")
    desk.save(own_account="UA213223130000026007233566001")
    expect(page.locator("tbody tr")).to_have_count(2)
    inspect(page, "statement")
    page.locator("tbody a").first.click()
    inspect(page, "statement line")
    steps.act(page, "/post/")
    desk.open("invoices/?which=paid")
    expect(page.locator("main tbody")).to_contain_text("18 500,01")
    # The same bytes once more: refused, with the way to the first import.
    desk.open("bank/statements/new/")
    steps.send(page.locator("main form.card"), {"file": [file]})
    expect(page.locator(".error-summary")).to_be_visible()


def test_from_a_payer_to_the_day_of_the_change_and_a_link_for_the_donor(
    desk: Desk, place: CityAddress, visitors: Visitors, inspect: Inspection
) -> None:
    page, slug = desk.page, place.slug
    desk.open("cities/new/")
    desk.save(city=slug)
    desk.add_payer("donor", DONOR)
    desk.add_payer("local_budget", COUNCIL)
    desk.add_agreement(slug, DONOR, FIRST, number="Г-1", source="grant")
    inspect(page, "finance city")
    desk.open(f"cities/{slug}/days/add/")
    desk.save(shares=desk.choice("shares", "Г-1"), first=FIRST.isoformat(), last=LAST.isoformat())

    # A month: its run, its act signed, the month closed.
    month = f"{LAST_MONTH:%Y-%m}"
    desk.open(f"cities/{slug}/{month}/")
    steps.act(page, f"{month}/run/")
    expect(page.locator("main")).to_contain_text("18 500,01")
    inspect(page, "finance month")
    steps.act(page, f"{month}/close/")
    expect(page.locator("h1")).to_contain_text("закрит")
    desk.open("acts/")
    page.locator("main td a, main th a").first.click()
    desk.press("Підписаний примірник отримано")
    desk.save(signed_on=TODAY.isoformat(), copy=[SCAN])
    inspect(page, "finance act")

    take_in_statement(desk, inspect)

    # The hand-over, to its switch.
    desk.add_agreement(
        slug, COUNCIL, NEXT_MONTH, number="Д-1", source="general_fund", kpkvk="0218230"
    )
    desk.open("handovers/new/")
    desk.save(account=slug)
    inspect(page, "hand-over begun")
    lead_to_contract(desk, "Д-1")
    inspect(page, "hand-over at its contract")
    desk.press("Призначити день зміни платника")
    inspect(page, "hand-over switch")
    desk.save(on=NEXT_MONTH.isoformat())
    expect(page.locator("h1 .badge")).to_contain_text("День зміни платника")
    desk.open(f"cities/{slug}/")
    rows = page.locator("section:has(#table-periods) tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(DONOR)
    expect(rows.nth(1)).to_contain_text(COUNCIL)
    inspect(page, "finance city with two payers")

    # A link for the donor shows the donor's money and nothing of the council.
    desk.open("payers/")
    page.locator("main a", has_text=DONOR).first.click()
    key = page.url.rstrip("/").rpartition("/")[2]
    first, last = f"{LAST_MONTH:%Y-%m}", f"{NEXT_MONTH:%Y-%m}"
    desk.open(f"reports/links/?payer={key}&first={first}&last={last}")
    until = (TODAY + timedelta(days=30)).isoformat()
    steps.send(page.locator("main form").first, {"label": "Донор", "last_day": until})
    donor = visitors.arrive()
    donor.goto(page.locator("main input[readonly]").first.input_value())
    expect(donor.locator("main")).to_contain_text(DONOR)
    expect(donor.locator("main")).to_contain_text("18 500,01")
    assert COUNCIL not in donor.content()
    inspect(donor, "report by link")
