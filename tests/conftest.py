"""Two cities on a real PostgreSQL, made once a run by the real command; then transactions."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

HOSTS = {"alpha": "poltava.bezpechne.test", "beta": "ternopil.bezpechne.test"}


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings_xdist_suffix: None,
) -> Iterator[None]:
    """A fresh database with the public schema and two cities, Poltava and Ternopil.

    One for each of the processes that share the tests.
    """
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    from provisioning.gazetteer.loading import load_gazetteer  # noqa: PLC0415 - same

    with django_db_blocker.unblock():
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        load_gazetteer()
        for name in ("Полтава", "Тернопіль"):
            call_command("provision_city", name, admin_email="admin@example.org", json=True)
        with connection.cursor() as cursor:
            # The invitations of the two: each test begins with an empty queue.
            cursor.execute("TRUNCATE public.procrastinate_jobs CASCADE")
            # Keys of the two never meet: a foreign key that hits a row by chance proves nothing.
            cursor.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1000000)"
                " FROM pg_sequences WHERE schemaname = 'city_ternopil'"
            )
    yield
    with django_db_blocker.unblock():
        _leave_city()
        connection.creation.destroy_test_db("bezpechne", verbosity=0)


def _leave_city() -> None:
    wrapper: Any = connection
    wrapper.set_schema_to_public()


@pytest.fixture(autouse=True)
def _clean_process() -> Iterator[None]:
    """Nothing of one test is left in the process for the next."""
    from django.core.cache import cache  # noqa: PLC0415 - after Django is set up

    from provisioning.console import banners  # noqa: PLC0415 - same
    from tenants import basemaps, resolution  # noqa: PLC0415 - same

    resolution.forget()
    banners.forget()
    basemaps.forget()
    cache.clear()
    yield
    _leave_city()
    resolution.forget()
    banners.forget()


@pytest.fixture(autouse=True)
def _forced_sign_ins() -> Iterator[None]:
    """`client.force_login` stands for the whole sign-in of the platform's people too.

    It makes a request out of nothing; one that a client has sent is never marked here.
    """
    from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415 - after Django is set up

    from bezpechne.accounts.signing_in import VERIFIED  # noqa: PLC0415 - same

    def mark(request: Any, **kwargs: Any) -> None:
        if request.method is None:
            request.session[VERIFIED] = True

    user_logged_in.connect(mark)
    yield
    user_logged_in.disconnect(mark)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Files of rows that the transaction takes back would stay behind."""
    settings.MEDIA_ROOT = tmp_path / "files"


class CityClient(Client):
    """Sends the Host header of one city."""

    def __init__(self, host: str, **options: Any) -> None:
        super().__init__(headers={"host": host}, **options)
        self.host = host


@pytest.fixture
def alpha(db: None) -> Any:
    """The city Poltava."""
    from tenants.models import City  # noqa: PLC0415 - after Django is set up

    return City.objects.get(slug="poltava")


@pytest.fixture
def beta(db: None) -> Any:
    """The city Ternopil."""
    from tenants.models import City  # noqa: PLC0415 - after Django is set up

    return City.objects.get(slug="ternopil")


@pytest.fixture
def client_of() -> Callable[[Any], CityClient]:
    """Client of a city, or of the platform's host for None."""

    def make(city: Any, **options: Any) -> CityClient:
        return CityClient(f"{city.slug}.bezpechne.test" if city else "bezpechne.test", **options)

    return make


@pytest.fixture
def inside() -> Callable[[Any], Any]:
    """`with inside(city):` for factories and assertions."""
    from tests import factories  # noqa: PLC0415 - after Django is set up

    return factories.inside


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Runs every job that is due in this thread and transaction, as the worker would; how many."""
    from procrastinate.contrib.django import app  # noqa: PLC0415 - after Django is set up

    from bezpechne.kernel import clock  # noqa: PLC0415 - same

    def run() -> int:
        done = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id, task_name, args FROM public.procrastinate_jobs"
                    " WHERE status = 'todo' AND coalesce(scheduled_at, %s) <= %s"
                    " ORDER BY id LIMIT 1",
                    [clock.now(), clock.now()],
                )
                row = cursor.fetchone()
                if row is None:
                    return done
                cursor.execute(
                    "UPDATE public.procrastinate_jobs SET status = 'doing' WHERE id = %s", [row[0]]
                )
            import json  # noqa: PLC0415

            arguments = row[2] if isinstance(row[2], dict) else json.loads(row[2])
            app.tasks[row[1]].func(**arguments)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE public.procrastinate_jobs SET status = 'succeeded' WHERE id = %s",
                    [row[0]],
                )
            done += 1

    return run


@pytest.fixture
def dns_server(settings: Any) -> Iterator[Any]:
    """A `tests.nameserver.Nameserver`, the only one that the product asks in this test."""
    from tests.nameserver import nameserver  # noqa: PLC0415 - few tests need it

    with nameserver() as server:
        settings.DNS_RESOLVERS = [("127.0.0.1", server.port)]
        yield server


@pytest.fixture
def outbox() -> list[Any]:
    """Messages sent in this test."""
    return mail.outbox


@pytest.fixture
def make() -> Callable[[Any], Any]:
    """`make(city).question("published")`; the rows are documented in tests/factories.py."""
    from tests import factories  # noqa: PLC0415 - after Django is set up

    return factories.Make
