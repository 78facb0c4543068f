"""Kept reports and their letters, links for others, and the page on a city's site."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.accounts.models import AccountMail, User
from bezpechne.kernel import clock, metering, tokens
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.logs import mask
from billing.accounts import show_costs
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import LedgerEvent, Payer, ReportLink, SavedReport
from billing.reports import links, saved
from billing.reports.tasks import send_reports
from billing.system import LEDGER
from billing.wording import money_text
from tenants import resolution
from tenants.models import City
from tests.factories import Make
from tests.integration.billing.books import APRIL, END, JUNE, MAY, NOW, Books
from tests.money import d

PAGES = "bezpechne.urls.public"
CLOSED = "This link works no more"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"finance:{name}", PAGES, args=args)


@pytest.fixture
def officer(db: None) -> User:
    return Make(None).user("finance", "officer@example.org")


@pytest.fixture
def client(officer: User, client_of: Any) -> Client:
    signed_in: Client = client_of(None)
    signed_in.force_login(officer)
    return signed_in


@pytest.fixture
def books(alpha: City) -> Books:
    """Settled from April to June, with answers in each month."""
    made = Books(alpha)
    for month in (APRIL, MAY, JUNE):
        made.settle(month)
        metering.put("month.questions.answered", 20, day=month, schema=made.account.schema)
    return made


# --- Kept reports ---------------------------------------------------------------------------------


def keep(client: Client, **fields: Any) -> Any:
    data = {"name": "Полтава", "monthly_day": "5", "query": "first=2026-04&last=2026-06", **fields}
    return client.post(url("saved_reports"), data)


def test_a_report_is_kept_opened_and_removed(client: Client, officer: User, books: Books) -> None:
    assert keep(client)["Location"] == url("saved_reports")
    row = SavedReport.objects.get()
    assert row.owner_id == officer.pk
    html = client.get(url("saved_reports")).content.decode()
    assert row.query.replace("&", "&amp;") in html
    assert client.get(f"{url('reports')}?{row.query}").status_code == 200
    client.post(url("remove_report", row.pk))
    assert not SavedReport.objects.exists()
    actions = list(LedgerEvent.objects.values_list("action", flat=True))[-2:]
    assert actions == ["report_saved", "report_removed"]


@pytest.mark.parametrize(
    "fields", [{"name": " "}, {"monthly_day": "29"}, {"monthly_day": "x"}, {"name": "Я" * 121}]
)
def test_what_was_typed_stays_when_a_report_is_not_kept(
    client: Client, fields: dict[str, str]
) -> None:
    response = keep(client, **fields)
    assert response.status_code == 422
    assert "first=2026-04" in response.content.decode()
    assert not SavedReport.objects.exists()


def test_a_name_is_used_once_and_a_stranger_s_report_is_not_kept(
    client: Client, books: Books, client_of: Any
) -> None:
    keep(client)
    assert keep(client).status_code == 422
    viewer = Make(None).user("donor_viewer", "viewer@example.org")
    other: Client = client_of(None)
    other.force_login(viewer)
    assert keep(other, query=f"account={books.account.pk}").status_code == 404
    assert other.post(url("remove_report", SavedReport.objects.get().pk)).status_code == 404
    assert SavedReport.objects.count() == 1


def mails() -> list[AccountMail]:
    return list(AccountMail.objects.filter(kind=saved.MAIL_KIND).order_by("pk"))


def test_a_letter_comes_once_a_month_with_a_link_and_no_sum(
    client: Client, books: Books, run_jobs: Any, outbox: list[Any]
) -> None:
    keep(client)
    for day, expected in ((20, 0), (30, 0), (34, 0), (35, 1), (36, 1), (58, 1)):
        moment = datetime(2026, 11, 1, 6, tzinfo=UTC) + timedelta(days=day - 1)
        with clock.frozen(moment):
            # Counted from 1 November: 5 December is day 35.
            send_reports(0)
            send_reports(0)
            assert len(mails()) == expected, day
    with clock.frozen(datetime(2027, 1, 7, 6, tzinfo=UTC)):
        send_reports(0)
        assert len(mails()) == 2
        run_jobs()
    letter = outbox[-1]
    assert letter.to == ["officer@example.org"]
    assert url("reports") in letter.body
    assert "first=2026-04" in letter.body
    assert not re.search(r"\d,\d\d", letter.body)


def test_a_missed_day_goes_out_late_and_nobody_who_left_gets_a_letter(
    client: Client, officer: User, run_jobs: Any, outbox: list[Any]
) -> None:
    keep(client, monthly_day="1")
    with clock.frozen(datetime(2026, 12, 27, 6, tzinfo=UTC)):
        send_reports(0)
        assert len(mails()) == 1
        User.objects.filter(pk=officer.pk).update(is_active=False)
        run_jobs()
    assert outbox == []
    with clock.frozen(datetime(2027, 1, 3, 6, tzinfo=UTC)):
        assert saved.send_due() == 0
    assert len(mails()) == 1


# --- Links for others -----------------------------------------------------------------------------


def made(about: Any, **fields: Any) -> tuple[ReportLink, str]:
    """A link and its path."""
    options = {
        "label": "Рада",
        "first": APRIL,
        "last": JUNE,
        "last_day": date(2027, 1, 31),
        "language": "en",
        **fields,
    }
    link = links.make(by=LEDGER, about=about, **options)
    return link, links.address_of(link).removeprefix("http://bezpechne.test:8000")


@pytest.fixture
def guest(client_of: Any) -> Client:
    opened: Client = client_of(None)
    return opened


def test_an_officer_makes_a_link_and_revokes_it(
    client: Client, books: Books, guest: Client
) -> None:
    address = f"{url('report_links')}?payer={books.donor.payer_id}"
    form = client.get(address).content.decode()
    assert books.donor.payer.name in form
    data = {
        "label": "Фонд, звіт за рік",
        "first": "2026-04",
        "last": "06.2026",
        "last_day": "2027-11-20",
        "language": "uk",
    }
    assert client.post(address, data)["Location"] == url("report_links")
    link = ReportLink.objects.get()
    assert link.payer_id == books.donor.payer_id
    listed = client.get(url("report_links")).content.decode()
    path = reverse("finance:report_link", PAGES, args=[links.token_of(link)])
    assert path in listed
    assert guest.get(path).status_code == 200
    link.refresh_from_db()
    assert (link.opened, link.opened_at) == (1, NOW)
    client.post(url("revoke_link", link.pk))
    assert guest.get(path).status_code == 410
    assert path not in client.get(url("report_links")).content.decode()
    client.post(url("revoke_link", link.pk))
    assert LedgerEvent.objects.filter(action="link_revoked").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"last_day": "2026-11-19"},
        {"last_day": "2027-11-22"},
        {"last_day": "колись"},
        {"first": "2026-07"},
        {"first": "2020-01"},
        {"first": "nonsense"},
        {"language": "fr"},
    ],
)
def test_a_link_that_cannot_be_is_refused_and_the_typed_stays(
    client: Client, books: Books, wrong: dict[str, str]
) -> None:
    data = {
        "label": "Комісія",
        "first": "2026-04",
        "last": "2026-06",
        "last_day": "2026-12-31",
        "language": "uk",
        **wrong,
    }
    response = client.post(f"{url('report_links')}?account={books.account.pk}", data)
    assert response.status_code == 422
    assert "2026-06" in response.content.decode()
    assert not ReportLink.objects.exists()


def test_nobody_but_an_officer_makes_links(books: Books, client_of: Any) -> None:
    with pytest.raises(PermissionDenied):
        links.make(by=SYSTEM, about=books.account, label="x", first=APRIL, last=MAY, last_day=END)
    viewer: Client = client_of(None)
    viewer.force_login(Make(None).user("finance_viewer"))
    assert viewer.get(url("report_links")).status_code == 403


def test_a_donor_s_link_shows_its_share_of_a_shared_city(beta: City, guest: Client) -> None:
    books = Books(beta, switch=None)
    third = books.money.agreement(books.account, monthly="3333.33")
    shares = [Share(books.donor, d("75")), Share(third, d("25"))]
    periods.switch(by=books.money.by, account=books.account, on=APRIL, last=END, shares=shares)
    shared = books.cost(APRIL, APRIL, "800.00")
    acts = {act.payer_id: act for act in books.settle(APRIL)}
    mine, other = acts[books.donor.payer_id], acts[third.payer_id]
    _link, path = made(books.donor.payer)
    html = guest.get(path).content.decode()
    assert money_text(mine.amount).removesuffix("\N{NO-BREAK SPACE}грн") in html
    for hidden in (other.amount, mine.amount + other.amount, shared.amount, d("200.00")):
        assert money_text(hidden).removesuffix("\N{NO-BREAK SPACE}грн") not in html
    assert third.payer.name not in html
    assert third.number not in html
    assert "/finance/reports/" not in html


def test_a_city_s_link_shows_that_city_alone(books: Books, beta: City, guest: Client) -> None:
    other = Books(beta)
    other.settle(APRIL)
    _link, path = made(books.account)
    html = guest.get(path).content.decode()
    assert books.donor.payer.name in html
    assert books.council.payer.name in html
    assert other.donor.payer.name not in html
    assert "Ternopil" not in html
    for more in (
        f"?account={other.account.pk}",
        f"?payer={other.donor.payer_id}",
        "?first=2020-01",
        "?by=document",
        "?by=nonsense",
    ):
        html = guest.get(path + more).content.decode()
        assert "Ternopil" not in html
        assert other.donor.payer.name not in html


def test_a_link_ends_with_its_last_day_in_kyiv(books: Books, guest: Client) -> None:
    _link, path = made(books.account, last_day=date(2026, 11, 30))
    # Winter time: midnight in Kyiv is 22:00 UTC.
    with clock.frozen(datetime(2026, 11, 30, 21, 59, tzinfo=UTC)):
        assert guest.get(path).status_code == 200
    with clock.frozen(datetime(2026, 11, 30, 22, 0, tzinfo=UTC)):
        response = guest.get(path)
        assert response.status_code == 410
        assert CLOSED in response.content.decode()


@pytest.mark.parametrize("token", ["x", "a" * 32, "…", "%00", "' OR 1=1"])
def test_a_token_that_nobody_made_opens_nothing(books: Books, guest: Client, token: str) -> None:
    made(books.account)
    assert guest.get(f"/finance/r/{token}/").status_code == 404


def test_a_link_s_token_is_hashed_in_the_row_and_masked_in_logs(
    books: Books, guest: Client
) -> None:
    link, path = made(books.account)
    token = links.token_of(link)
    assert link.token_hash == tokens.hashed(token)
    assert token not in str(ReportLink.objects.values().get())
    assert token not in mask(f"GET {path} 200")
    assert token not in str(list(LedgerEvent.objects.values()))
    response = guest.get(path)
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert guest.head(path).status_code == 200
    link.refresh_from_db()
    assert link.opened == 1


def test_the_list_of_links_asks_the_database_as_often_for_many(
    client: Client, books: Books
) -> None:
    made(books.account)
    client.get(url("report_links"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("report_links"))
    for _number in range(5):
        made(books.donor.payer)
    with CaptureQueriesContext(connection) as many:
        client.get(url("report_links"))
    assert len(many) == len(few)


# --- On a city's site -----------------------------------------------------------------------------


def test_a_city_that_does_not_show_its_costs_has_no_such_page(
    books: Books, alpha: City, beta: City, client_of: Any
) -> None:
    assert client_of(alpha).get("/costs/").status_code == 404
    assert client_of(beta).get("/costs/").status_code == 404
    show_costs(by=LEDGER, account=books.account, shown=True)
    from django.core.cache import cache  # noqa: PLC0415 - as ten minutes would

    cache.clear()
    assert client_of(alpha).get("/costs/").status_code == 200
    assert client_of(beta).get("/costs/").status_code == 404
    assert client_of(None).get("/costs/").status_code == 404


def test_the_page_says_who_pays_since_when_and_what_it_gave(
    books: Books, alpha: City, client_of: Any
) -> None:
    Payer.objects.filter(pk=books.council.payer_id).update(
        name_en="Poltava City Council",
        notice_uk="Міський бюджет",
        notice_en="The city’s budget",
        contact_name="Петро Петренко",
        contact_email="petro@example.org",
        contact_phone="+380441234567",
        signatory="Голова Петренко",
    )
    show_costs(by=LEDGER, account=books.account, shown=True)
    html = client_of(alpha).get("/en/costs/").content.decode()
    assert "Poltava City Council" in html
    assert "since 15 May 2026" in html or "since May 15, 2026" in html
    assert "The city’s budget" in html
    # 20 answers in each of three months; April cost 10 000,01.
    assert ">60<" in html
    assert "500,00" in html
    assert books.donor.payer.name in html.split("Earlier")[1]
    for private in ("Петренко", "petro@example.org", "+380441234567"):
        assert private not in html
    uk = client_of(alpha).get("/costs/").content.decode()
    assert "Міський бюджет" in uk
    assert books.council.payer.name in uk


def test_the_page_is_kept_for_ten_minutes_for_each_city_and_language(
    books: Books, alpha: City, client_of: Any
) -> None:
    show_costs(by=LEDGER, account=books.account, shown=True)
    client = client_of(alpha)
    client.get("/costs/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/costs/")
    assert not [query for query in queries.captured_queries if "billing_" in query["sql"]]
    with CaptureQueriesContext(connection) as queries:
        client.get("/en/costs/")
    assert [query for query in queries.captured_queries if "billing_" in query["sql"]]


def test_a_pause_and_a_future_payer_are_told_as_they_are(alpha: City, client_of: Any) -> None:
    books = Books(alpha, switch=date(2026, 12, 1))
    show_costs(by=LEDGER, account=books.account, shown=True)
    html = client_of(alpha).get("/en/costs/").content.decode()
    assert books.donor.payer.name in html
    assert books.council.payer.name not in html
    from django.core.cache import cache  # noqa: PLC0415 - as ten minutes would

    cache.clear()
    with clock.frozen(datetime(2027, 2, 1, 9, tzinfo=UTC)):
        html = client_of(alpha).get("/en/costs/").content.decode()
    assert "Nobody pays at present" in html


@pytest.fixture
def with_costs_link(settings: Any) -> None:
    """The footer knows of the page."""
    templates = deepcopy(settings.TEMPLATES)
    processors = templates[0]["OPTIONS"]["context_processors"]
    if "billing.context.city_costs" not in processors:
        processors.append("billing.context.city_costs")
    settings.TEMPLATES = templates


def test_the_footer_leads_to_the_page_where_it_is_shown(
    books: Books, alpha: City, beta: City, client_of: Any, with_costs_link: None
) -> None:
    show_costs(by=LEDGER, account=books.account, shown=True)
    assert 'href="/costs/"' in client_of(alpha).get("/").content.decode()
    assert 'href="/en/costs/"' in client_of(alpha).get("/en/").content.decode()
    assert "/costs/" not in client_of(beta).get("/").content.decode()
    assert "/costs/" not in client_of(None).get("/").content.decode()
    City.objects.filter(pk=alpha.pk).update(launch_on=date(2027, 3, 1))
    resolution.forget()
    assert "/costs/" not in client_of(alpha).get("/about/").content.decode()
    assert client_of(alpha).get("/costs/").status_code == 200
    assert books.donor.payer.name not in client_of(alpha).get("/costs/").content.decode()
