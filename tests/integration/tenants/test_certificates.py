"""What the proxy asks before it gets a certificate for a name."""

from typing import Any

import pytest
from django.test import Client

from tenants import resolution
from tenants.current import enter_city
from tenants.domains import actions
from tenants.models import City, Domain

PATH = "/internal/tls-allowed"


def answer(name: str | None, host: str = "127.0.0.1:8000", method: str = "get") -> Any:
    data = {} if name is None else {"domain": name}
    return getattr(Client(headers={"host": host}), method)(PATH, data)


@pytest.mark.parametrize(
    "name",
    [
        "bezpechne.test",
        "poltava.bezpechne.test",
        "Poltava.BEZPECHNE.test",
        "poltava.bezpechne.test.",
        "police.example",
    ],
)
def test_our_names_get_certificates_whatever_host_the_proxy_asks(alpha: City, name: str) -> None:
    Domain(domain="police.example", tenant=alpha, is_primary=False).save()
    for host in (
        "127.0.0.1:8000",
        "bezpechne.test",
        "nowhere.example",
        "",
        "ternopil.bezpechne.test",
    ):
        assert answer(name, host).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "kharkiv.bezpechne.test",
        "x.poltava.bezpechne.test",
        "poltava.bezpechne.test.evil.example",
        "bezpechne.test:443",
        "https://bezpechne.test",
        "127.0.0.1",
        "localhost",
        "*.bezpechne.test",
        "*",
        "%",
        "poltava.bezpechne.test\x00",
        "poltava.bezpechne.test ",
        "poltava.bezpechne.test..",
        "полтава.укр",
        "' OR 1=1 --",
        "a" * 5000,
        "a." * 2000 + "a",
    ],
)
def test_other_names_get_none_and_no_list(alpha: City, name: str | None) -> None:
    response = answer(name)
    assert response.status_code == 404
    assert response.content == b"no\n"


def test_an_unconfirmed_or_removed_domain_gets_none(alpha: City) -> None:
    from provisioning.provisioning import OPERATOR  # noqa: PLC0415 - this test alone

    domain = actions.add(by=OPERATOR, city=alpha, name="police.example")
    assert answer("police.example").status_code == 404
    domain.verified_at = domain.created_at
    domain.save()
    assert answer("police.example").status_code == 200
    actions.remove(by=OPERATOR, domain=domain)
    assert answer("police.example").status_code == 404


def test_a_name_costs_one_query_and_the_next_seconds_none(
    alpha: City, django_assert_num_queries: Any
) -> None:
    for name, asks in (("poltava.bezpechne.test", 1), ("nowhere.example", 1), ("bad name", 0)):
        resolution.forget()
        with django_assert_num_queries(asks):
            for _ in range(3):
                answer(name)
    with django_assert_num_queries(0):
        answer("bezpechne.test")


def test_it_is_asked_by_reading_alone(alpha: City) -> None:
    assert answer("poltava.bezpechne.test", method="head").status_code == 200
    refused = answer("poltava.bezpechne.test", method="post")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


def test_a_thread_left_in_a_city_answers_the_same(alpha: City) -> None:
    enter_city(alpha)
    assert answer("ternopil.bezpechne.test").status_code == 200


def test_a_redirect_to_https_does_not_come_between(alpha: City, settings: Any) -> None:
    """The proxy asks without TLS, on this machine."""
    settings.SECURE_SSL_REDIRECT = True
    assert answer("poltava.bezpechne.test").status_code == 200


def test_a_secondary_name_redirects_neither_the_proxy_nor_the_watchman(alpha: City) -> None:
    Domain(domain="police.example", tenant=alpha, is_primary=False).save()
    assert answer("bezpechne.test", "police.example").status_code == 200
    assert Client(headers={"host": "police.example"}).get("/healthz").status_code == 200


def test_no_city_binds_what_else_is_under_its_domain(alpha: City, settings: Any) -> None:
    """The name at the top of a city's zone is not ours alone."""
    settings.SECURE_HSTS_SECONDS = 3600
    page = Client(headers={"host": "poltava.bezpechne.test"}).get("/about/", secure=True)
    assert page["Strict-Transport-Security"] == "max-age=3600"
