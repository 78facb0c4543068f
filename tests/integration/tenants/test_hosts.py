"""Which host leads where: written oddly, unknown, missing, of the platform."""

from typing import Any

import pytest
from django.test import Client

from tenants import resolution
from tenants.models import City, Domain
from tests.factories import Maker


def page(host: str | None, path: str = "/about/") -> Any:
    """The answer to a request with exactly this Host header."""
    client = Client(raise_request_exception=False)
    extra = {"HTTP_HOST": host} if host is not None else {}
    return client.get(path, **extra)  # type: ignore[arg-type] # WSGI variables are all text


@pytest.mark.parametrize(
    "host",
    [
        "poltava.bezpechne.test",
        "POLTAVA.Bezpechne.TEST",
        "poltava.bezpechne.test:8000",
        "poltava.bezpechne.test.",
        "poltava.bezpechne.test.:443",
    ],
)
def test_a_city_is_found_however_its_host_is_written(alpha: City, host: str) -> None:
    response = page(host)
    assert response.status_code == 200
    assert "Полтава" in response.text


@pytest.mark.parametrize(
    "host",
    [
        "kharkiv.bezpechne.test",
        "poltava.bezpechne.test.evil.example",
        "evilpoltava.bezpechne.test",
        "[2001:db8::1]",
        "[2001:db8::1]:8000",
        "[::1",
        "203.0.113.5",
        "",
        ".",
        "poltava.bezpechne.test\x00",
        "полтава.bezpechne.test",
        "' OR 1=1 --",
        "a" * 3000,
    ],
)
def test_an_unknown_host_gets_a_helpful_page_that_lists_nothing(alpha: City, host: str) -> None:
    for path in ("/", "/about/", "/desk/", "/q/1/"):
        response = page(host, path)
        assert response.status_code == 404
        assert "bezpechne.test" in response.text
        for secret in ("Полтава", "Тернопіль", "poltava.", "ternopil."):
            assert secret not in response.text


@pytest.mark.parametrize("host", ["poltava.bezpechne.test:abc", "poltava.bezpechne.test:80:90"])
def test_a_broken_port_is_no_500(alpha: City, host: str) -> None:
    assert page(host).status_code in {200, 400, 404}


@pytest.mark.parametrize(
    "host", ["bezpechne.test", "BEZPECHNE.TEST:8000", "localhost", "[::1]:8000"]
)
def test_the_platforms_own_hosts_show_its_page(alpha: City, host: str) -> None:
    response = page(host, "/")
    assert response.status_code == 200
    assert "http://poltava.bezpechne.test:8000" in response.text


def test_health_needs_no_host_and_no_database(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        for host in ("", "nowhere.example", "poltava.bezpechne.test"):
            response = page(host, "/healthz")
            assert (response.status_code, response.text) == (200, "ok\n")


def test_a_known_host_costs_one_look_up_for_some_seconds(
    alpha: City, django_assert_num_queries: Any
) -> None:
    resolution.forget()
    with django_assert_num_queries(1):
        for _ in range(3):
            resolution.city_of("poltava.bezpechne.test")
            resolution.city_of("poltava.bezpechne.test")
    with django_assert_num_queries(1):
        for _ in range(3):
            assert resolution.city_of("nowhere.bezpechne.test") is None


def test_a_new_or_removed_domain_is_known_at_once(alpha: City) -> None:
    assert resolution.city_of("police.poltava.example") is None
    domain = Domain(domain="Police.Poltava.example", tenant=alpha, is_primary=False)
    domain.save()
    assert resolution.city_of("police.poltava.example") == alpha
    domain.delete()
    assert resolution.city_of("police.poltava.example") is None


def test_what_another_process_changed_is_known_after_some_seconds(
    alpha: City, beta: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "poltava.bezpechne.test"
    assert resolution.city_of(host) == alpha
    # As another process would: no signal arrives here.
    Domain.objects.filter(tenant=beta).delete()
    resolution.forget()
    resolution.find(host)
    Domain.objects.filter(domain=host).update(tenant=beta)
    assert resolution.city_of(host) == alpha
    late = resolution._now() + resolution.SECONDS + 1
    monkeypatch.setattr(resolution, "_now", lambda: late)
    assert resolution.city_of(host) == beta


def test_made_up_hosts_do_not_fill_the_memory(alpha: City, monkeypatch: pytest.MonkeyPatch) -> None:
    resolution.city_of("poltava.bezpechne.test")
    monkeypatch.setattr(resolution, "_MOST", 10)
    for number in range(50):
        resolution.city_of(f"x{number}.example")
    assert len(resolution._strangers) <= 10
    assert list(resolution._cities) == ["poltava.bezpechne.test"], "strangers push no city out"


def test_a_worker_keeps_few_cities(
    alpha: City, beta: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolution, "_MOST_CITIES", 1)
    assert resolution.city_of("poltava.bezpechne.test") == alpha
    assert resolution.city_of("ternopil.bezpechne.test") == beta
    assert list(resolution._cities) == ["ternopil.bezpechne.test"]
    assert resolution.city_of("poltava.bezpechne.test") == alpha


def test_links_come_from_the_domain_not_from_the_header(
    alpha: City, make: Maker, run_jobs: Any, outbox: list[Any]
) -> None:
    Domain(domain="alias.example", tenant=alpha, is_primary=False).save()
    question = make(alpha).question("unconfirmed")
    token = make(alpha).token("pending", question.asker.pk)
    path, data = f"/ask/sent/{token}/again/", {"address-email": question.asker.email}
    response = Client(headers={"host": "alias.example"}).post(path, data)
    assert response.status_code == 307
    assert response["Location"] == f"http://poltava.bezpechne.test:8000{path}"
    Client(headers={"host": "POLTAVA.bezpechne.test.:1"}).post(path, data)
    run_jobs()
    assert outbox
    for wrong in ("alias.example", "POLTAVA", ":1/"):
        assert all(wrong not in message.body for message in outbox)


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded"])
def test_forwarded_hosts_are_not_believed(alpha: City, header: str) -> None:
    client = Client(headers={"host": "poltava.bezpechne.test", header: "evil.example"})
    response = client.get("/about/")
    assert response.status_code == 200
    assert "evil.example" not in response.text


def test_the_language_is_the_urls_whatever_the_phone_wants(alpha: City) -> None:
    client = Client(headers={"host": "poltava.bezpechne.test", "accept-language": "en"})
    assert '<html lang="uk"' in client.get("/about/").text
    assert '<html lang="en"' in client.get("/en/about/").text
    assert client.get("/en/about/")["Content-Language"] == "en"


def test_every_page_carries_its_headers(alpha: City) -> None:
    for path in ("/", "/about/", "/q/999999/", "/account/sign-in/"):
        response = page("poltava.bezpechne.test", path)
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert response["X-Frame-Options"] == "DENY"
