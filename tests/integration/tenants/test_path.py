"""A change of city costs no round trip, and a query never meets the wrong schema."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bezpechne.kernel.schema import in_schema
from community.questions.models import Topic
from tenants.models import City
from tests.factories import Inside

THERE = "SELECT current_schema()"


def where() -> str:
    with connection.cursor() as cursor:
        cursor.execute(THERE)
        return str(cursor.fetchone()[0])


@pytest.fixture
def sent(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes over the wire, message by message."""
    from psycopg import ClientCursor  # noqa: PLC0415 - this fixture alone

    messages: list[str] = []
    real = ClientCursor.execute

    def execute(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        messages.append(str(query))
        return real(self, query, *args, **options)

    monkeypatch.setattr(ClientCursor, "execute", execute)
    return messages


def test_the_first_query_carries_the_change(alpha: City, inside: Inside, sent: list[str]) -> None:
    with inside(alpha):
        sent.clear()
        list(Topic.objects.all())
        list(Topic.objects.all())
    assert len(sent) == 2
    assert sent[0].startswith('SET search_path = "city_poltava", "public"; SELECT')
    assert sent[1].startswith("SELECT")


def test_coming_back_to_the_same_city_sends_nothing_more(alpha: City, sent: list[str]) -> None:
    for _ in range(3):
        with in_schema(alpha.schema_name):
            list(Topic.objects.all())
    assert sum("search_path" in message for message in sent) == 1


def test_every_kind_of_statement_meets_the_schema_in_force(alpha: City, beta: City) -> None:
    for city in (alpha, beta, alpha):
        with in_schema(city.schema_name):
            assert where() == city.schema_name
        with in_schema(city.schema_name), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE one (x int)")
        with in_schema("public"), connection.cursor() as cursor:
            cursor.execute(THERE)
        with in_schema(city.schema_name), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO one VALUES (%s)", [(1,), (2,)])
        with in_schema("public"):
            assert where() == "public"
        with (
            in_schema(city.schema_name),
            connection.cursor() as cursor,
            cursor.copy("COPY one TO STDOUT") as copy,
        ):
            assert b"".join(bytes(part) for part in copy) == b"1\n2\n"
        with in_schema(city.schema_name), connection.cursor() as cursor:
            cursor.execute("DROP TABLE one")
    with in_schema("public"):
        assert where() == "public"


def test_a_rolled_back_change_is_made_again(alpha: City, beta: City) -> None:
    """PostgreSQL takes a SET back with its transaction; the connection must not believe in it."""
    with in_schema(alpha.schema_name):
        assert where() == alpha.schema_name
        with suppress(DatabaseError), in_schema(beta.schema_name), transaction.atomic():
            assert where() == beta.schema_name
            connection.cursor().execute("SELECT 1 / 0")
        with in_schema(beta.schema_name):
            assert where() == beta.schema_name
        assert where() == alpha.schema_name


def test_a_failed_first_query_leaves_no_wrong_belief(alpha: City, beta: City) -> None:
    with in_schema(alpha.schema_name):
        assert where() == alpha.schema_name
    with (
        in_schema(beta.schema_name),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT nothing_of_the_kind")
    with in_schema(beta.schema_name):
        assert where() == beta.schema_name
