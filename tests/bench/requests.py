"""What a tenant costs a request: a view of five queries, with cities and without."""

# ruff: noqa: T201, E402 - a script that prints, and sets its environment before Django reads it
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
os.environ.update(
    DATA_DIR=os.environ.get("BENCH_DIR", str(ROOT / ".data" / "bench")),
    VOLATILE="1",
    DJANGO_SETTINGS_MODULE="bezpechne.settings",
    LOG_LEVEL="ERROR",
)
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import django

django.setup()

from django.core.management import call_command
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_tenants.postgresql_backend.base import DatabaseWrapper as Theirs
from psycopg import ClientCursor

from community.questions.models import Topic
from provisioning.gazetteer.loading import load_gazetteer
from provisioning.models import Hromada
from tenants.middleware import CityMiddleware
from tenants.models import City, Domain

ROUNDS, CALLS = 9, 200


def plain_database() -> None:
    """The same database and tables by Django's own backend, with the path fixed: no tenants."""
    connection.ensure_connection()
    connections.settings["plain"] = {
        **connection.settings_dict,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"options": "-c search_path=city_poltava,public"},
    }


def view(alias: str) -> Callable[[HttpRequest], HttpResponse]:
    def five(request: HttpRequest) -> HttpResponse:
        for number in range(5):
            list(Topic.objects.using(alias).filter(position__gte=number))
        return HttpResponse()

    return five


def as_it_comes(request: HttpRequest) -> HttpResponse:
    """django-tenants' way: the domain asked of the database, then a SET for each change."""
    wrapper: Any = connection
    wrapper.set_schema_to_public()
    wrapper.search_path_set_schemas = None
    domain = Domain.objects.select_related("tenant").get(domain=request.META["HTTP_HOST"])
    wrapper.set_tenant(domain.tenant)
    wrapper.search_path_set_schemas = None
    with connection.cursor() as cursor:
        Theirs._handle_search_path(wrapper, cursor)
    return view("default")(request)


def messages(call: Callable[[], Any]) -> int:
    """How many messages go over the wire."""
    sent: list[object] = []
    real = ClientCursor.execute

    def execute(self: Any, *args: Any, **options: Any) -> Any:
        sent.append(args)
        return real(self, *args, **options)

    ClientCursor.execute = execute  # type: ignore[method-assign]
    try:
        call()
    finally:
        ClientCursor.execute = real  # type: ignore[method-assign]
    return len(sent)


def main() -> None:
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    if not Hromada.objects.exists():
        load_gazetteer()
    for name in ("Полтава", "Тернопіль"):
        call_command("provision_city", name, admin_email="a@example.org", json=True)
    assert City.objects.count() >= 2
    plain_database()
    hosts = ["poltava.localhost", "ternopil.localhost"]
    requests = [RequestFactory(headers={"host": host}).get("/") for host in hosts]
    ours, without = CityMiddleware(view("default")), view("plain")
    ways: dict[str, Callable[[HttpRequest], HttpResponse]] = {
        "without tenants": without,
        "ours, one city after itself": ours,
        "ours, another city each time": ours,
        "django-tenants as it comes": as_it_comes,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, act in ways.items():
            for number in range(CALLS):
                request = requests[number % 2 if "another" in name else 0]
                started = time.perf_counter()
                act(request)
                times[name].append((time.perf_counter() - started) * 1000)
    base = statistics.median(times["without tenants"])
    for name, act in ways.items():
        # Both hosts known, the other city last.
        for request in requests:
            act(request)
        count = messages(lambda act=act: act(requests[0]))  # type: ignore[misc]
        middle = statistics.median(times[name])
        print(f"{name:<32} {count:2d} messages {middle:7.3f} ms   {middle / base:.2f}×")


if __name__ == "__main__":
    main()
