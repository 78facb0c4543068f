"""A city's short name, the first part of its address. The schema keeps the name that it was born with."""

import re

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.journal import note
from provisioning.models import Hromada
from provisioning.provisioning import RESERVED
from provisioning.schemas.stock import lock
from tenants.models import SLUG_PATTERN, City, Domain
from tenants.romanisation import slugify_uk

MAX_LENGTH = 40


class RenamingRefused(ValueError):
    """The text says why and what to do."""


def rename_slug(*, by: Actor, city: City, slug: str) -> City:
    """A new subdomain; the old one stays the city's and redirects. Raises RenamingRefused.

    The new subdomain is primary if the old one was: a domain of the city's own stays primary.
    """
    by.require(Permission.OPERATE)
    slug = slug.strip().lower()
    with in_schema(PUBLIC), transaction.atomic():
        # The same lock as provisioning's: a new city and a new name never meet.
        lock(f"bezpechne.provision.slug:{slug}")
        city = City.objects.select_for_update().get(pk=city.pk)
        if slug == city.slug:
            raise RenamingRefused(_("This is the city's short name already."))
        _refuse(city, slug)
        old = city.slug
        was_primary = _own(city, old, is_primary=True)
        _take_subdomain(city, slug, primary=was_primary)
        city.slug = slug
        city.save(update_fields=["slug"])
        note(by=by, city=city, action="slug_renamed", old=old, new=slug)
    return city


def subdomain(slug: str) -> str:
    """The host that the platform gives a city."""
    return f"{slug}.{settings.BASE_HOST}"


def _own(city: City, slug: str, **more: bool) -> bool:
    return Domain.objects.filter(tenant_id=city.pk, domain=subdomain(slug), **more).exists()


def _take_subdomain(city: City, slug: str, *, primary: bool) -> None:
    """A city that returns to a former name finds its row."""
    domain, _made = Domain.objects.get_or_create(
        domain=subdomain(slug),
        tenant_id=city.pk,
        defaults={"is_primary": False, "verified_at": clock.now()},
    )
    if primary:
        domain.is_primary = True
        domain.save()  # takes it from the other one


def _refuse(city: City, slug: str) -> None:
    """Raises RenamingRefused with what to write instead."""
    if not re.fullmatch(SLUG_PATTERN, slug) or len(slug) > MAX_LENGTH:
        raise RenamingRefused(
            _(
                "A short name has small Latin letters and digits, single hyphens between them,"
                " begins with a letter and is no longer than %(most)d."
            )
            % {"most": MAX_LENGTH}
        )
    if slug in RESERVED:
        raise RenamingRefused(_("This name is kept for the platform."))
    taken = City.objects.filter(slug=slug).exclude(pk=city.pk).exists()
    # A former name too: links in letters lead to whoever had it.
    taken = (
        taken or Domain.objects.filter(domain=subdomain(slug)).exclude(tenant_id=city.pk).exists()
    )
    if taken:
        raise RenamingRefused(_("Another city has or had this short name."))
    _refuse_namesakes(city, slug)


def _refuse_namesakes(city: City, slug: str) -> None:
    """The rule of `gazetteer.slugs`: a name that another centre is written by is not to be taken.

    Of several places with one name each carries its oblast, none the bare name.
    """
    if _own(city, slug):
        return
    centres = Hromada.objects.exclude(code=city.katottg).values_list("slug", "centre_uk")
    if any(slug in {proposed, slugify_uk(centre)} for proposed, centre in centres):
        raise RenamingRefused(
            _("Another hromada is written so. Add the oblast, for example %(example)s.")
            % {"example": f"{slug}-lvivska"[:MAX_LENGTH]}
        )
