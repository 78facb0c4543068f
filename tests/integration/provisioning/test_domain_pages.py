"""The operators' page and command of a city's domains, and a city's change of short name."""

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor, ActorKind
from provisioning.management.failures import BadInputError
from provisioning.models import Hromada, JournalEntry
from provisioning.provisioning import OPERATOR, ProvisioningRefused, Request, provision
from provisioning.renaming import RenamingRefused, rename_slug
from tenants.current import primary_domain
from tenants.domains import actions
from tenants.domains.names import record_name
from tenants.models import City, Domain
from tests.factories import Maker
from tests.nameserver import Nameserver

NAME = "police.poltava.example"
PAGE = "/console/cities/poltava/domains/"


@pytest.fixture
def operator(alpha: City, make: Maker) -> Client:
    client = Client(headers={"host": "bezpechne.test"})
    client.force_login(make(None).operator)
    return client


def row(name: str = NAME) -> Domain:
    return Domain.objects.select_related("tenant").get(domain=name)


# --- The page ---------------------------------------------------------------------------------------


def test_an_operator_brings_a_domain_from_its_name_to_primary(
    operator: Client, alpha: City, dns_server: Nameserver
) -> None:
    assert operator.post(PAGE, {"name": NAME.upper()}).status_code == 302
    page = operator.get(PAGE).text
    for needed in (record_name(NAME), row().token, "poltava.bezpechne.test."):
        assert needed in page
    assert operator.post(f"{PAGE}{row().pk}/check/").status_code == 302
    assert row().check_error == "absent"
    refused = operator.post(f"{PAGE}{row().pk}/primary/")
    assert refused.status_code == 302
    assert not row().is_primary
    dns_server.texts[record_name(NAME)] = [[row().token]]
    operator.post(f"{PAGE}{row().pk}/check/")
    assert operator.post(f"{PAGE}{row().pk}/primary/").status_code == 302
    assert primary_domain(alpha).domain == NAME
    own = row("poltava.bezpechne.test")
    operator.post(f"{PAGE}{own.pk}/remove/")
    operator.post(f"{PAGE}{row().pk}/remove/")
    assert Domain.objects.filter(tenant=alpha).count() == 2, "neither may go"
    operator.post(f"{PAGE}{own.pk}/primary/")
    operator.post(f"{PAGE}{row().pk}/remove/")
    assert list(Domain.objects.filter(tenant=alpha)) == [own]


def test_a_pasted_address_stays_in_the_field_and_the_name_is_offered(operator: Client) -> None:
    page = operator.post(PAGE, {"name": "https://police.poltava.example/about"})
    assert page.status_code == 422
    assert 'value="https://police.poltava.example/about"' in page.text
    assert f'<input type="hidden" name="name" value="{NAME}">' in page.text
    assert not Domain.objects.filter(domain=NAME).exists()


@pytest.mark.parametrize("typed", ["", "<script>alert(1)</script>", "127.0.0.1", "x" * 3000])
def test_bad_names_get_a_sentence(operator: Client, typed: str) -> None:
    page = operator.post(PAGE, {"name": typed})
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "field__error" in page.text


def test_a_domain_of_another_city_is_not_reached_through_this_citys_address(
    operator: Client, beta: City
) -> None:
    foreign = actions.add(by=OPERATOR, city=beta, name="police.ternopil.example")
    for act in ("check", "primary", "remove"):
        assert operator.post(f"{PAGE}{foreign.pk}/{act}/").status_code == 404
    assert Domain.objects.filter(pk=foreign.pk).exists()
    refused = operator.post(PAGE, {"name": "police.ternopil.example"})
    assert refused.status_code == 422
    assert "Тернопіль" not in refused.text
    assert "police.ternopil.example" not in operator.get(PAGE).text
    assert operator.get("/console/cities/nowhere/domains/").status_code == 404


@pytest.mark.parametrize("who", ["nobody", "finance"])
def test_others_may_not(alpha: City, make: Maker, who: str) -> None:
    client = Client(headers={"host": "bezpechne.test"})
    if who == "finance":
        client.force_login(make(None).user("finance"))
    paths = [PAGE, f"{PAGE}{row('poltava.bezpechne.test').pk}/remove/"]
    for path in [*paths, "/console/cities/poltava/rename/"]:
        response = client.post(path, {"name": NAME, "rename-slug": "new"})
        assert response.status_code == (401 if who == "nobody" else 403)
    assert Domain.objects.filter(tenant=alpha).count() == 1


def test_checking_all_the_time_is_slowed_down(operator: Client, dns_server: Nameserver) -> None:
    operator.post(PAGE, {"name": NAME})
    answers = [operator.post(f"{PAGE}{row().pk}/check/") for _ in range(22)]
    assert len(dns_server.asked) == 20
    refused = answers[-1]
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 600
    assert "Спробуйте знову через 10 хвилин." in refused.text
    assert f'href="{PAGE}"' in refused.text
    english = operator.post(f"/en{PAGE}{row().pk}/check/")
    assert "Try again in 10 minutes." in english.text


def test_the_page_costs_the_same_for_one_domain_and_for_ten(operator: Client, alpha: City) -> None:
    operator.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        operator.get(PAGE)
    for number in range(9):
        actions.add(by=OPERATOR, city=alpha, name=f"police{number}.example")
    with CaptureQueriesContext(connection) as ten:
        assert "police8.example" in operator.get(PAGE).text
    assert len(ten) == len(one)


# --- The short name ---------------------------------------------------------------------------------


def test_a_new_short_name_takes_the_primary_address_and_the_old_one_redirects(
    operator: Client, alpha: City
) -> None:
    response = operator.post("/console/cities/poltava/rename/", {"rename-slug": " Poltava-Misto "})
    assert response["Location"] == "/console/cities/poltava-misto/domains/"
    alpha.refresh_from_db()
    assert (alpha.slug, alpha.schema_name) == ("poltava-misto", "city_poltava")
    assert primary_domain(alpha).domain == "poltava-misto.bezpechne.test"
    old = Client(headers={"host": "poltava.bezpechne.test"}).get("/about/?x=1")
    assert old["Location"] == "http://poltava-misto.bezpechne.test:8000/about/?x=1"
    assert Client(headers={"host": "poltava-misto.bezpechne.test"}).get("/").status_code == 200
    entry = JournalEntry.objects.filter(action="slug_renamed").get()
    assert entry.detail == {"old": "poltava", "new": "poltava-misto"}


def test_the_old_short_name_is_nobodys_but_the_citys(alpha: City, beta: City) -> None:
    rename_slug(by=OPERATOR, city=alpha, slug="poltava-misto")
    with pytest.raises(RenamingRefused):
        rename_slug(by=OPERATOR, city=beta, slug="poltava")
    other = Hromada.objects.exclude(code__in=[alpha.katottg, beta.katottg]).first()
    assert other
    with pytest.raises(ProvisioningRefused, match="another"):
        provision(Request(hromada=other, slug="poltava"))
    rename_slug(by=OPERATOR, city=alpha, slug="poltava")
    assert primary_domain(alpha).domain == "poltava.bezpechne.test"
    assert Domain.objects.filter(tenant=alpha).count() == 2


def test_the_citys_own_domain_stays_primary(alpha: City, dns_server: Nameserver) -> None:
    domain = actions.add(by=OPERATOR, city=alpha, name=NAME)
    dns_server.texts[record_name(NAME)] = [[domain.token]]
    actions.make_primary(by=OPERATOR, domain=actions.check(by=OPERATOR, domain=domain))
    rename_slug(by=OPERATOR, city=alpha, slug="poltava-misto")
    assert primary_domain(alpha).domain == NAME
    moved = Client(headers={"host": "poltava-misto.bezpechne.test"}).get("/")
    assert moved["Location"] == f"http://{NAME}:8000/"


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "poltava",
        "www",
        "api",
        "admin",
        "internal",
        "ternopil",
        "kyiv",
        "horodok",
        "xn--j1amh",
        "полтава",
        "-a",
        "a-",
        "a--b",
        "1a",
        "a_b",
        "a.b",
        "a" * 41,
        "a b",
        "a\n",
    ],
)
def test_short_names_that_are_reserved_taken_or_no_names_are_refused(
    operator: Client, alpha: City, beta: City, slug: str
) -> None:
    """Kyiv is not on the platform yet, and two places are called Horodok: names of others."""
    page = operator.post("/console/cities/poltava/rename/", {"rename-slug": slug})
    assert page.status_code == (302 if slug == "a\n" else 422)
    alpha.refresh_from_db()
    assert alpha.slug == ("a" if slug == "a\n" else "poltava")


def test_renaming_is_for_operators(alpha: City) -> None:
    boss = Actor(ActorKind.STAFF, 1, frozenset({Permission.ADMINISTER}))
    with pytest.raises(PermissionDenied):
        rename_slug(by=boss, city=alpha, slug="poltava-misto")


# --- The command ------------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("domain", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_does_what_the_page_does(
    alpha: City, beta: City, dns_server: Nameserver
) -> None:
    said = command("add", "poltava", "Поліція.Полтава.укр")
    ascii_name = Domain.objects.get(tenant=alpha, is_primary=False).domain
    assert ascii_name.startswith("xn--")
    assert "поліція.полтава.укр" in said
    assert record_name(ascii_name) in said
    assert "absent" in command("check", "поліція.полтава.укр")
    dns_server.texts[record_name(ascii_name)] = [[row(ascii_name).token]]
    assert "redirects" in command("check", ascii_name)
    assert "primary" in command("primary", "Поліція.Полтава.УКР")
    assert "ternopil.bezpechne.test" in command("list")
    assert "ternopil" not in command("list", "poltava")
    command("primary", "poltava.bezpechne.test")
    with pytest.raises(BadInputError, match="--yes"):
        command("remove", ascii_name)
    command("remove", ascii_name, "--yes")
    assert "poltava-misto" in command("rename-slug", "poltava", "poltava-misto")


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "nowhere", "a.example"),
        ("add", "poltava", "https://a.example/"),
        ("add", "poltava", "kyiv.bezpechne.test"),
        ("check", "nowhere.example"),
        ("check", "poltava.bezpechne.test"),
        ("primary", "127.0.0.1"),
        ("remove", "poltava.bezpechne.test", "--yes"),
        ("rename-slug", "poltava", "www"),
        ("list", "nowhere"),
    ],
)
def test_the_command_refuses_with_a_sentence(alpha: City, arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError) as refused:
        command(*arguments)
    assert refused.value.returncode == 2
    assert str(refused.value).endswith((".", "a.example"))
