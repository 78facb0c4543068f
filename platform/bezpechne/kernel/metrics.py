"""Figures for Prometheus: requests of this server, and what the database says at the moment of asking.

No label names a person, a path or a city: 1,470 cities times the routes would be a database of its
own. Which city is slow or failing is in the log lines, which name the schema.

granian may run several processes, and a scrape reaches any one of them. With
`PROMETHEUS_MULTIPROC_DIR` each keeps its counts in files there and the answer adds them up; the
folder must be empty at the start and shared by the processes of one server alone. Figures of the
database are the same for every process and are read once a scrape.
"""

import hmac
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from bezpechne.kernel import queue_state
from bezpechne.kernel.schema import PUBLIC, in_schema

logger = logging.getLogger(__name__)

TIME_LIMIT_MS = 2000
_registry = CollectorRegistry()
_requests = Counter(
    "bezpechne_requests",
    "Requests answered, by kind of host, route, method and class of status.",
    ["site", "route", "method", "status"],
    registry=_registry,
)
_seconds = Histogram(
    "bezpechne_request_seconds",
    "Time until the answer began.",
    ["site", "route"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
    registry=_registry,
)
Source = Callable[[], Iterable[Metric]]
_sources: list[Source] = []


def count_request(site: str, route: str, method: str, status: int, seconds: float) -> None:
    """Counts one answer."""
    _requests.labels(site, route, method, f"{status // 100}xx").inc()
    _seconds.labels(site, route).observe(seconds)


def add_source(source: Source) -> Source:
    """Registers figures read from `public` at each scrape, with a fixed number of queries."""
    if source not in _sources:
        _sources.append(source)
    return source


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """One figure without labels."""
    return GaugeMetricFamily(f"bezpechne_{name}", text, value=value)


@add_source
def _queue() -> Iterator[Metric]:
    state = queue_state.read()
    yield gauge("jobs_due", "Jobs that could run now and wait for a worker.", state.due)
    yield gauge("jobs_later", "Jobs whose hour has not come.", state.later)
    yield gauge("jobs_running", "Jobs in the hands of a worker.", state.running)
    yield gauge("jobs_dead", "Jobs that used up their attempts.", state.dead)
    yield gauge("job_oldest_due_seconds", "Waiting time of the oldest due job.", state.oldest)
    yield gauge("workers_alive", "Workers with a heartbeat in the last 30 seconds.", state.alive)


@contextmanager
def limited() -> Iterator[None]:
    """A transaction in `public` whose statements end after TIME_LIMIT_MS."""
    with in_schema(PUBLIC), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {TIME_LIMIT_MS}")
        yield


class _Database:
    """The sources as one collector; a database that is away costs its figures, not the scrape."""

    def collect(self) -> Iterator[Metric]:
        try:
            with limited():
                found = [metric for source in _sources for metric in source()]
        except DatabaseError as error:
            logger.warning(
                "The figures of the database could not be read: %s", type(error).__name__
            )
            connection.close()
            found = []
        yield gauge("database_up", "Whether the figures below could be read.", bool(found))
        yield from found


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    if not settings.METRICS_DIR:
        own = _registry
    else:
        own = CollectorRegistry()
        MultiProcessCollector(own, path=str(settings.METRICS_DIR))  # type: ignore[no-untyped-call] # without annotations
    database = CollectorRegistry()
    database.register(_Database())
    return generate_latest(own) + generate_latest(database)


def _may(request: HttpRequest) -> bool:
    given = str(request.META.get("HTTP_AUTHORIZATION", ""))
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(given.encode(), wanted.encode())


def respond(request: HttpRequest) -> HttpResponse:
    """Without a token the page is there for this machine alone, and in production not at all."""
    local = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
    if not settings.METRICS_TOKEN and (settings.PRODUCTION or settings.BEHIND_PROXY or not local):
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    if settings.METRICS_TOKEN and not _may(request):
        refusal = HttpResponse("The token is missing or wrong.\n", status=401)
        refusal["Content-Type"] = "text/plain"
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    response = HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response
