"""Adding, checking, choosing and removing a city's domains; for operators and for its own staff."""

import secrets

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM, Actor
from bezpechne.kernel.schema import current_schema
from tenants.domains import names
from tenants.domains.lookup import LookupFailed, txt_records
from tenants.domains.outcomes import LOST, Problem
from tenants.domains.timing import expires_at
from tenants.events import tell
from tenants.models import City, Domain

# Enough for any city, and the page needs no second one.
MOST_DOMAINS = 20


class DomainRefused(ValueError):
    """The text says why and what to do."""


def require_right(by: Actor, city: City) -> None:
    """Operators, and administrators of this very city while they are inside it."""
    if Permission.OPERATE in by.permissions:
        return
    # An administrator's permissions are those of the city in force.
    if Permission.ADMINISTER in by.permissions and current_schema() == city.schema_name:
        return
    raise PermissionDenied


@transaction.atomic
def add(*, by: Actor, city: City, name: str) -> Domain:
    """A name that waits for its owner's TXT record. Raises NameRefused or DomainRefused."""
    require_right(by, city)
    host = names.clean(name)
    _locked(city)
    if Domain.objects.filter(tenant_id=city.pk).count() >= MOST_DOMAINS:
        raise DomainRefused(
            _("A city has %(most)d names at most. Remove one first.") % {"most": MOST_DOMAINS}
        )
    domain = Domain(
        domain=host,
        tenant=city,
        is_primary=False,
        verified_at=None,
        # Small letters and digits: providers' forms spoil nothing else so rarely.
        token=secrets.token_hex(16),
        created_at=clock.now(),
    )
    try:
        # Of two who add one name at once, the constraint lets one through.
        with transaction.atomic():
            domain.save()
    except IntegrityError as error:
        raise DomainRefused(_already_there(city, host)) from error
    tell(by=by, city=city, action="domain_added", domain=host)
    return domain


def check(*, by: Actor, domain: Domain) -> Domain:
    """Asks DNS now; takes seconds, so no transaction is open meanwhile. Raises DomainRefused."""
    if by is not SYSTEM:
        require_right(by, domain.tenant)
    if not domain.token:
        raise DomainRefused(_("This name is the platform's own and needs no check."))
    problem = _problem(domain)
    with transaction.atomic():
        rows = Domain.objects.select_for_update(of=("self",)).select_related("tenant")
        # Removed and added again meanwhile: the answer was to the old token.
        fresh = rows.filter(pk=domain.pk, token=domain.token).first()
        if fresh is None:
            raise DomainRefused(_("This domain was removed meanwhile."))
        _write_outcome(by, fresh, problem)
    return fresh


@transaction.atomic
def make_primary(*, by: Actor, domain: Domain) -> Domain:
    """Links of new letters lead there; the other names redirect. Raises DomainRefused."""
    require_right(by, domain.tenant)
    domain = _locked_domain(domain)
    if domain.verified_at is None:
        raise DomainRefused(
            _("Nobody has shown yet that this domain is the city's: check it first.")
        )
    if domain.check_error in LOST:
        raise DomainRefused(
            _("The TXT record of this domain is not as it should be. Set it and check again.")
        )
    if not domain.is_primary:
        old = Domain.objects.get(tenant_id=domain.tenant_id, is_primary=True)
        domain.is_primary = True
        domain.save()  # takes it from the other one
        tell(
            by=by,
            city=domain.tenant,
            action="domain_primary",
            domain=domain.domain,
            old=old.domain,
        )
    return domain


@transaction.atomic
def remove(*, by: Actor, domain: Domain) -> None:
    """Links with this name stop working. Raises DomainRefused."""
    require_right(by, domain.tenant)
    domain = _locked_domain(domain)
    if names.is_own(domain.domain):
        raise DomainRefused(_("The platform's own subdomain stays: links in letters lead there."))
    if domain.is_primary:
        raise DomainRefused(_("This is the primary domain. Make another one primary first."))
    city = domain.tenant
    domain.delete()
    tell(by=by, city=city, action="domain_removed", domain=domain.domain)


@transaction.atomic
def expire(*, domain: Domain) -> bool:
    """Frees a name whose owner never set the record; True when it did."""
    domain = _locked_domain(domain)
    if domain.verified_at is not None or clock.now() < expires_at(domain):
        return False
    city = domain.tenant
    domain.delete()
    tell(by=SYSTEM, city=city, action="domain_expired", domain=domain.domain)
    return True


def _problem(domain: Domain) -> Problem | None:
    try:
        texts = txt_records(names.record_name(domain.domain))
    except LookupFailed as failure:
        return failure.problem
    # Some providers' forms keep the quotes that were typed.
    found = {text.strip(' \t"').lower() for text in texts}
    return None if domain.token in found else Problem.OTHER


def _write_outcome(by: Actor, domain: Domain, problem: Problem | None) -> None:
    was_lost, first = domain.check_error in LOST, domain.verified_at is None
    domain.checked_at = clock.now()
    domain.check_error = problem or ""
    if first and problem is None:
        domain.verified_at = clock.now()
    domain.save(update_fields=["checked_at", "check_error", "verified_at"])
    action = ""
    if first and problem is None:
        action = "domain_verified"
    elif not first and problem is None and was_lost:
        action = "domain_record_found"
    elif not first and problem in LOST and not was_lost:
        action = "domain_record_lost"
    if action:
        tell(by=by, city=domain.tenant, action=action, domain=domain.domain)


def _already_there(city: City, host: str) -> str:
    """Says whether the name is the city's own already; never whose else it is."""
    if Domain.objects.filter(domain=host, tenant_id=city.pk).exists():
        return _("The city has this domain already.")
    return _(
        "Another city has this domain or has begun to add it. If it is yours, write to the"
        " platform's operators; a name that is not confirmed becomes free again after 14 days."
    )


def _locked(city: City) -> City:
    """One change of a city's domains at a time."""
    return City.objects.select_for_update().only("pk").get(pk=city.pk)


def _locked_domain(domain: Domain) -> Domain:
    """The row as it is now. Raises DomainRefused when it is gone."""
    _locked(domain.tenant)
    rows = Domain.objects.select_for_update(of=("self",)).select_related("tenant")
    fresh = rows.filter(pk=domain.pk).first()
    if fresh is None:
        raise DomainRefused(_("This domain was removed meanwhile."))
    return fresh
