"""Pages of the reports: who sees what, odd addresses, and the way into each number."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.accounts.models import User
from bezpechne.kernel import clock, metering
from billing.costs.posting import Cost, post
from billing.models import (
    Act,
    CityAccount,
    CostEntry,
    FundingAgreement,
    Invoice,
    Payer,
    ViewerScope,
)
from billing.states import EntryKind
from billing.wording import money_text
from tenants.models import City
from tests.factories import Make
from tests.integration.billing.books import APRIL, JUNE, MAY, NOW, Books
from tests.money import d

PAGES = "bezpechne.urls.public"
SPRING = "first=2026-04&last=2026-06"
People = Callable[..., Client]


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"finance:{name}", PAGES, args=args)


def text(amount: Any) -> str:
    """A sum as tables show it."""
    return money_text(amount).removesuffix("\N{NO-BREAK SPACE}грн")


@pytest.fixture
def people(db: None, client_of: Any) -> People:
    """`people("donor_viewer", payer=…)`: a signed-in client of the platform."""

    def signed_in(
        role: str, *, payer: Payer | None = None, account: CityAccount | None = None
    ) -> Client:
        user: User = Make(None).user(role, f"{role}@example.org")
        if payer or account:
            ViewerScope.objects.create(user_id=user.pk, payer=payer, account=account)
        client: Client = client_of(None)
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def poltava(alpha: City) -> Books:
    """A donor until 14 May, a council from then on; settled from April to June."""
    books = Books(alpha)
    for month in (APRIL, MAY, JUNE):
        books.settle(month)
        metering.put("month.questions.answered", 20, day=month, schema=books.account.schema)
    return books


@pytest.fixture
def ternopil(beta: City) -> Books:
    books = Books(beta)
    books.settle(APRIL)
    return books


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def test_a_finance_officer_sees_the_fleet(people: People, poltava: Books, ternopil: Books) -> None:
    html = page(people("finance"), f"{url('reports')}?{SPRING}")
    acts = [act.amount for act in Act.objects.all()]
    assert text(sum(acts)) in html
    assert "Полтава" in html
    assert "Тернопіль" in html
    for payer in Payer.objects.all():
        assert payer.name in html
    assert "{" not in html.split("<main", 1)[1].split("</main>")[0]


def test_a_donor_s_viewer_sees_that_donor_s_share_alone(
    people: People, poltava: Books, ternopil: Books
) -> None:
    client = people("donor_viewer", payer=poltava.donor.payer)
    for address in ("", f"?account={poltava.account.pk}", f"?payer={poltava.donor.payer_id}"):
        html = page(client, f"{url('reports')}{address}")
        assert text(poltava.donor.acts.get(month=MAY).amount) in html
        assert poltava.council.payer.name not in html
        assert text(poltava.council.acts.get(month=MAY).amount) not in html
        assert poltava.council.number not in html
        assert "Тернопіль" not in html
    documents = page(client, f"{url('report_documents')}?{SPRING}")
    assert text(poltava.council.acts.get(month=MAY).amount) not in documents
    agreements = page(client, f"{url('report_documents')}?kind=agreements")
    assert poltava.donor.number in agreements
    assert poltava.council.number not in agreements


@pytest.mark.parametrize("what", ["payer", "account"])
def test_nobody_reports_on_a_stranger(
    people: People, poltava: Books, ternopil: Books, what: str
) -> None:
    donor = people("donor_viewer", payer=poltava.donor.payer)
    council = people("city_finance", account=poltava.account)
    stranger = ternopil.donor.payer_id if what == "payer" else ternopil.account.pk
    for client in (donor, council):
        for name in ("reports", "report_documents", "report_cities"):
            page(client, f"{url(name)}?{what}={stranger}", 404)
    # The council's own donor is none of the other donor's viewer, and the other way round.
    page(donor, f"{url('reports')}?payer={poltava.council.payer_id}", 404)


def test_a_council_s_viewer_sees_its_city_whole(
    people: People, poltava: Books, ternopil: Books
) -> None:
    client = people("city_finance", account=poltava.account)
    html = page(client, url("reports"))
    assert poltava.donor.payer.name in html
    assert poltava.council.payer.name in html
    assert "Тернопіль" not in html
    assert ternopil.donor.payer.name not in html
    of_donor = page(client, f"{url('reports')}?payer={poltava.donor.payer_id}")
    assert text(poltava.council.acts.get(month=MAY).amount) not in of_donor


def test_a_viewer_without_a_scope_sees_nothing(people: People, poltava: Books) -> None:
    client = people("donor_viewer")
    html = page(client, url("reports"))
    assert poltava.donor.payer.name not in html
    assert poltava.donor.payer.name not in page(client, url("report_find"))


def test_the_way_from_a_month_to_a_cost(people: People, poltava: Books) -> None:
    client = people("finance_viewer")
    html = page(client, f"{url('reports')}?account={poltava.account.pk}&{SPRING}")
    documents = f"{url('report_documents')}?account={poltava.account.pk}&amp;span=chosen&amp;first=2026-05&amp;last=2026-05"
    assert documents in html
    act = poltava.donor.acts.get(month=MAY)
    assert url("report_act", act.pk) in page(client, documents.replace("&amp;", "&"))
    entry = act.lines.get(allocation__amount__gt=0).allocation.entry
    lines = page(client, url("report_act", act.pk))
    assert url("report_cost", entry.pk) in lines
    cost = page(client, url("report_cost", entry.pk))
    assert "14.05.2026" in cost
    assert "15.05.2026" not in cost
    # 10 000,01 over 31 days: the first day has a kopiyka more.
    assert "322,59" in cost


def test_acts_and_costs_of_others_are_not_there(
    people: People, poltava: Books, ternopil: Books
) -> None:
    shared = poltava.cost(MAY.replace(day=10), MAY.replace(day=20), "1100.00")
    donor = people("donor_viewer", payer=poltava.donor.payer)
    council = people("city_finance", account=poltava.account)
    theirs = ternopil.donor.acts.get(month=APRIL)
    fee = CostEntry.objects.filter(agreement=ternopil.donor, kind="fee").get()
    for client in (donor, council):
        page(client, url("report_act", theirs.pk), 404)
        page(client, url("report_cost", fee.pk), 404)
    page(donor, url("report_act", poltava.council.acts.get(month=MAY).pk), 404)
    # Of a shared cost a donor sees its part, a council all of it.
    mine = page(donor, url("report_cost", shared.pk))
    assert "500,00" in mine
    assert "600,00" not in mine
    assert money_text(shared.amount) not in mine
    whole = page(council, url("report_cost", shared.pk))
    assert "600,00" in whole
    assert money_text(shared.amount) in whole


def test_words_that_people_typed_are_for_the_ledger_s_people(
    people: People, poltava: Books
) -> None:
    fee = post(
        by=poltava.money.by,
        cost=Cost(
            account=poltava.account,
            first=JUNE,
            last=JUNE,
            kind=EntryKind.OTHER,
            amount=d("5.00"),
            description="Оплата Петренку",
            agreement=poltava.donor,
        ),
    )
    donor = people("donor_viewer", payer=poltava.donor.payer)
    assert "Петренку" in page(people("finance_viewer"), url("report_cost", fee.pk))
    assert "Петренку" not in page(donor, url("report_cost", fee.pk))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first=2026-13", "Shown is this year"),
        ("first=abc&last=2026-05", "Shown is this year"),
        ("first=2026-06&last=2026-04", "The last month is before the first"),
        ("first=2010-01&last=2026-04", "60 months at most"),
        ("span=chosen", "Shown is this year"),
        ("first=04.2026&last=5.2026", "April 2026 – May 2026"),
        ("span=last_month", "October 2026"),
        ("span=last_12", "November 2025 – October 2026"),
        ("span=last_year", "January 2025 – December 2025"),
        ("span=nonsense&by=nonsense", "January 2026 – December 2026"),
        ("by=document", "By the dates of acts and payments"),
        ("first=\u0662026-01", "Shown is this year"),
    ],
)
def test_odd_months_are_told(people: People, poltava: Books, query: str, told: str) -> None:
    assert told in page(people("finance"), f"/en{url('reports')}?{query}")


@pytest.mark.parametrize(
    "query",
    [
        "account=0",
        "account=-1",
        "account=abc",
        "account=\u0663",
        "payer=9999999999999999999999",
        "payer=1 OR 1=1",
        "oblast=Атлантида",
        "account=999999999999",
    ],
)
def test_odd_scopes_are_not_there(people: People, poltava: Books, query: str) -> None:
    client = people("finance")
    for name in ("reports", "report_documents", "report_cities", "report_routes"):
        page(client, f"{url(name)}?{query}", 404)


def test_a_page_beyond_the_end_is_the_last(people: People, poltava: Books) -> None:
    client = people("finance")
    for number in ("0", "-1", "99999", "x", "9" * 30):
        html = page(client, f"{url('report_documents')}?{SPRING}&page={number}")
        assert poltava.donor.payer.name in html
        page(client, f"{url('report_cities')}?page={number}")


def test_documents_are_found_by_what_lacks(people: People, poltava: Books) -> None:
    poltava.run(MAY.replace(month=7))
    Invoice.objects.filter(month=MAY.replace(month=7)).update(due_on=MAY)
    client = people("finance")
    html = page(client, f"/en{url('reports')}?first=2026-04&last=2026-07")
    assert "Invoice overdue" in html
    late = page(client, f"/en{url('report_documents')}?first=2026-04&last=2026-07&gap=overdue")
    assert "July 2026" in late
    assert "May 2026" not in late.split("<tbody", 1)[1]
    page(client, f"{url('report_documents')}?gap=nonsense")


def test_finding_leads_to_one_report_or_lists_several(
    people: People, poltava: Books, ternopil: Books
) -> None:
    client = people("finance")
    response = client.get(url("report_find"), {"q": "полтава"})
    assert response["Location"] == f"{url('reports')}?account={poltava.account.pk}"
    html = page(client, f"{url('report_find')}?q=т")
    assert "Тернопіль" in html
    assert "Полтава" in html
    page(client, f"{url('report_find')}?q=%00%25_")
    donor = people("donor_viewer", payer=poltava.donor.payer)
    seen = page(donor, url("report_find"))
    assert "Полтава" in seen
    assert "Тернопіль" not in seen
    assert poltava.council.payer.name not in seen


def test_cities_are_sorted_by_each_figure(people: People, poltava: Books, ternopil: Books) -> None:
    client = people("finance")
    address = f"{url('report_cities')}?{SPRING}"
    for sort in ("city", "plan", "accrued", "cost_answered", "cost_thousand", "nonsense"):
        for order in ("ascending", "descending", "nonsense"):
            page(client, f"{address}&sort={sort}&order={order}")
    falling = page(client, f"{address}&sort=accrued").split("<tbody", 1)[1]
    assert falling.index("Полтава") < falling.index("Тернопіль")
    rising = page(client, f"{address}&sort=accrued&order=ascending").split("<tbody", 1)[1]
    assert rising.index("Тернопіль") < rising.index("Полтава")


def test_the_routes_are_for_people_who_see_the_whole_ledger(people: People, poltava: Books) -> None:
    address = f"/en{url('report_routes')}?{SPRING}"
    assert "the three routes agree" in page(people("finance_viewer"), address)
    page(people("donor_viewer", payer=poltava.donor.payer), address, 403)
    client = people("finance")
    assert "12 months at most" in page(
        client, f"/en{url('report_routes')}?first=2024-01&last=2026-06"
    )
    (act,) = poltava.run(MAY.replace(month=7))
    html = page(client, f"/en{url('report_routes')}?first=2026-04&last=2026-07")
    assert text(act.amount) in html.split("Waits for an act")[1]
    Invoice.objects.filter(act=act).update(amount=act.amount + 1)
    html = page(client, f"/en{url('report_routes')}?first=2026-04&last=2026-07")
    assert "Differences" in html


@pytest.mark.parametrize("name", ["reports", "report_documents", "report_cities", "report_routes"])
def test_pages_ask_the_database_as_often_for_many_rows(
    people: People, poltava: Books, beta: City, name: str
) -> None:
    client = people("finance")
    address = f"{url(name)}?{SPRING}"
    page(client, address)
    with CaptureQueriesContext(connection) as few:
        page(client, address)
    other = Books(beta)
    for month in (APRIL, MAY, JUNE):
        other.settle(month)
    with CaptureQueriesContext(connection) as many:
        page(client, address)
    assert len(many) == len(few)
    assert len(many) <= 26


def test_lists_of_agreements_are_paged(people: People, poltava: Books) -> None:
    base = FundingAgreement.objects.get(pk=poltava.donor.pk)
    for number in range(60):
        base.pk, base.number = None, f"Я-{number:02}"
        base.save(force_insert=True)
    client = people("finance")
    first = page(client, f"{url('report_documents')}?kind=agreements")
    second = page(client, f"{url('report_documents')}?kind=agreements&page=2")
    assert "Я-10" in first
    assert "Я-10" not in second
    assert "Я-59" in second
    assert "kind=agreements&amp;page=2" in first
