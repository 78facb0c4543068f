"""The administrator of Poltava, signed in."""

from typing import Any

import pytest

from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker


@pytest.fixture
def boss(alpha: City, client_of: Any, make: Maker, inside: Inside) -> CityClient:
    client: CityClient = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).administrator)
    return client


@pytest.fixture
def moderator(alpha: City, client_of: Any, make: Maker, inside: Inside) -> CityClient:
    client: CityClient = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).moderator)
    return client
