"""DNS_RESOLVERS, as people write it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from bezpechne import settings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", []),
        ("9.9.9.9", [("9.9.9.9", 53)]),
        ("9.9.9.9:5353, 1.1.1.1", [("9.9.9.9", 5353), ("1.1.1.1", 53)]),
        ("2620:fe::fe [2620:fe::9]:54", [("2620:fe::fe", 53), ("2620:fe::9", 54)]),
    ],
)
def test_addresses_with_and_without_a_port(
    monkeypatch: pytest.MonkeyPatch, written: str, read: list[tuple[str, int]]
) -> None:
    monkeypatch.setenv("DNS_RESOLVERS", written)
    assert settings._resolvers() == read


@pytest.mark.parametrize("written", ["dns.example", "9.9.9.9:99999", "9.9.9.9:x", "[::1", ":53"])
def test_a_mistake_is_explained(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("DNS_RESOLVERS", written)
    with pytest.raises(ImproperlyConfigured, match="DNS_RESOLVERS"):
        settings._resolvers()
