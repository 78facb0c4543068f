"""A database that goes away under the server: 503, the text kept, the next request works."""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

HOST = {"host": "poltava.bezpechne.test"}
TYPED = {
    "text": "Чому біля ринку <b>щодня</b> стоять машини?",
    "name": "Одарка",
    "password": "таємне слово",
    "code": "123456",
    "submit_key": "6f1c2a3e-0000-4000-8000-000000000001",
}


@pytest.fixture
def elsewhere(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Runs a function in a thread with a connection of its own, outside any test's transaction."""

    def run(act: Callable[[], Any]) -> Any:
        def guarded() -> Any:
            try:
                return act()
            finally:
                connection.close()

        with django_db_blocker.unblock(), ThreadPoolExecutor(1) as pool:
            return pool.submit(guarded).result(timeout=60)

    return run


def cut_the_wire() -> None:
    """Ends this thread's server process, as a restart of the database does; tells nobody here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    killer = connection.copy()
    try:
        with killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        killer.close()


@pytest.mark.parametrize(
    "path", ["/", "/q/1/", "/follow/x/", "/en/ask/", "/map/pins.json?bbox=1,1,2,2"]
)
def test_a_page_is_unavailable_once_and_then_there_again(elsewhere: Any, path: str) -> None:
    def act() -> tuple[Any, Any]:
        client = Client(headers=HOST, raise_request_exception=False)
        expected = client.get(path).status_code
        cut_the_wire()
        return client.get(path), client.get(path).status_code == expected

    lost, works_again = elsewhere(act)
    assert lost.status_code == 503
    assert lost["Retry-After"] == "10"
    assert works_again


def test_what_was_typed_is_kept_and_secrets_are_not(elsewhere: Any) -> None:
    def act() -> tuple[Any, Any]:
        client = Client(headers=HOST, raise_request_exception=False)
        client.get("/about/")
        cut_the_wire()
        return client.post("/en/ask/?lat=49.5", TYPED), client.get("/ask/")

    lost, next_page = elsewhere(act)
    assert lost.status_code == 503
    assert "Чому біля ринку &lt;b&gt;щодня&lt;/b&gt; стоять машини?" in lost.text
    shown = html.unescape(lost.text)
    assert 'action="/en/ask/?lat=49.5"' in shown
    assert TYPED["submit_key"] in shown
    for secret in ("таємне слово", "123456"):
        assert secret not in lost.text
    assert next_page.status_code == 200


def test_a_known_host_needs_no_database_to_fail_kindly(elsewhere: Any) -> None:
    """The first request of a process that cannot connect at all."""

    def act() -> Any:
        wrapper: Any = connection
        connection.close()
        kept = dict(wrapper.settings_dict)
        wrapper.settings_dict.update(HOST="127.0.0.1", PORT="1", EMBEDDED_DIR="")
        try:
            client = Client(headers=HOST, raise_request_exception=False)
            return [client.get("/"), client.post("/ask/", TYPED), client.get("/healthz")]
        finally:
            connection.close()
            wrapper.settings_dict.clear()
            wrapper.settings_dict.update(kept)

    page, form, health = elsewhere(act)
    assert (page.status_code, form.status_code, health.status_code) == (503, 503, 200)
    assert TYPED["name"] in form.text


def test_an_ordinary_mistake_is_a_page_without_details(
    elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("таємниця в повідомленні")

    monkeypatch.setattr("community.questions.queries.counts", fail)
    response = elsewhere(
        lambda: Client(headers=HOST, raise_request_exception=False).get("/", {"x": "y"})
    )
    assert response.status_code == 500
    assert "таємниця" not in response.text
    assert "RuntimeError" not in response.text
