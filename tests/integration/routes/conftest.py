"""Two cities full of rows, and everybody who knocks."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tenants.models import City
from tests.worlds import World, populate, raise_ids


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, World]]:
    """Own city and another, whose ids are nobody's here; made once, in a transaction around all."""
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        own, other = (City.objects.get(slug=slug) for slug in ("poltava", "ternopil"))
        raise_ids(other)
        made = populate(own), populate(other)
        django_db_blocker.block()
        yield made
        django_db_blocker.restore()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """The photos of the worlds stay where they are."""


@pytest.fixture(autouse=True)
def _nobody_answers_dns(settings: Any) -> None:
    """A check of a domain ends at once, without an answer."""
    settings.DNS_RESOLVERS, settings.DNS_SECONDS = [("127.0.0.1", 9)], 0.1


@pytest.fixture(autouse=True)
def _stripe_is_on(settings: Any) -> None:
    """Without a key its pages are not there; nothing is asked of it here."""
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_walk", "whsec_walk"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
