"""Somebody who may open the console."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import Maker, inside


@pytest.fixture
def operator(db: None, make: Maker, client_of: Any) -> Client:
    """Signed in on the platform's host."""
    client: Client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    return client
