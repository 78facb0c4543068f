"""Asks DNS for TXT records: the one place that knows dnspython."""

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
from django.conf import settings

from tenants.domains.outcomes import Problem


class LookupFailed(Exception):
    """DNS gave no records; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def txt_records(name: str) -> list[str]:
    """The texts at a name, the chunks of each joined. Takes settings.DNS_SECONDS at most.

    Raises LookupFailed; a name without a TXT record is Problem.ABSENT.
    """
    try:
        answer = _resolver().resolve(
            dns.name.from_text(name), "TXT", search=False, lifetime=settings.DNS_SECONDS
        )
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
        raise LookupFailed(Problem.ABSENT) from error
    except dns.resolver.NoResolverConfiguration as error:
        raise LookupFailed(Problem.RESOLVER) from error
    except dns.exception.Timeout as error:
        raise LookupFailed(Problem.TIMEOUT) from error
    except (dns.exception.DNSException, OSError) as error:
        raise LookupFailed(Problem.SERVER) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _resolver() -> dns.resolver.Resolver:
    """The machine's resolvers, or those of settings.DNS_RESOLVERS as (address, port)."""
    if not settings.DNS_RESOLVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [
        dns.nameserver.Do53Nameserver(address, port) for address, port in settings.DNS_RESOLVERS
    ]
    return resolver
