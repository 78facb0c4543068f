"""Periodic work of tenants: records of domains in DNS, sessions of Google's map."""

from contextlib import suppress

from procrastinate.contrib.django import app

from bezpechne.kernel import clock, queue
from bezpechne.kernel.actors import SYSTEM
from tenants import basemaps
from tenants.domains import actions, queries
from tenants.domains.timing import next_check
from tenants.models import Domain

CHECK_JOB = "tenants.check_domain"


@queue.task(basemaps.RENEW_JOB)
def renew_map_sessions() -> None:
    """At once, when a city has chosen Google's map."""
    basemaps.renew()


@app.periodic(cron="*/10 * * * *")
@app.task(name="tenants.keep_map_sessions", queueing_lock="tenants.keep_map_sessions")
def keep_map_sessions(timestamp: int) -> None:
    """Every ten minutes: sessions of Google's map that are missing or near their end."""
    basemaps.renew()


@queue.task(CHECK_JOB)
def check_domain(domain_id: int) -> None:
    """One question to DNS; a second job for the same domain finds nothing to do."""
    domain = Domain.objects.select_related("tenant").filter(pk=domain_id).first()
    if domain is None or not domain.token or next_check(domain) > clock.now():
        return
    # Somebody may remove it while DNS is asked.
    with suppress(actions.DomainRefused):
        actions.check(by=SYSTEM, domain=domain)


@app.periodic(cron="*/5 * * * *")
@app.task(name="tenants.check_domains", queueing_lock="tenants.check_domains")
def check_domains(timestamp: int) -> None:
    """Every five minutes: gives up what waited too long, and a job for each domain that is due."""
    for domain in queries.overdue():
        with suppress(actions.DomainRefused):
            actions.expire(domain=domain)
    for domain_id in queries.due_for_check():
        queue.defer(CHECK_JOB, domain_id=domain_id)
