"""Is a name in the address free, and may it be one."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from provisioning.provisioning import RESERVED
from tenants.models import SLUG_PATTERN, City, Domain
from tenants.romanisation import slugify_uk

MAX_SLUG = 40


def slug_problem(slug: str) -> str:
    """A sentence that says what is wrong and what would do; empty when the slug is free.

    At most 40 characters: a part of a host name may have 63, the rest is for prefixes.
    """
    if not slug:
        return _("Give the name that stands in the address.")
    if slug.startswith("xn--") or "--" in slug:
        return _("Two hyphens in a row mark an encoded name (xn--…). Write it in Latin letters.")
    if len(slug) > MAX_SLUG:
        return _(
            "%(length)d characters are too long: at most %(most)d. A part of a host name ends at 63."
        ) % {"length": len(slug), "most": MAX_SLUG}
    if not re.fullmatch(SLUG_PATTERN, slug):
        latin = slugify_uk(slug)[:MAX_SLUG].strip("-")
        return _("Small Latin letters, digits and single hyphens, a letter first.") + (
            " " + _("For example: %(slug)s.") % {"slug": latin}
            if latin and re.match(SLUG_PATTERN, latin)
            else ""
        )
    if slug in RESERVED:
        return _("“%(slug)s” is kept for the platform itself. Choose another name.") % {
            "slug": slug
        }
    if _taken(slug):
        return _("“%(slug)s” is taken already. Free: %(free)s.") % {
            "slug": slug,
            "free": free_slug(slug),
        }
    return ""


def _taken(slug: str) -> bool:
    domain = f"{slug}.{settings.BASE_HOST}"
    return City.objects.filter(slug=slug).exists() or Domain.objects.filter(domain=domain).exists()


def free_slug(stem: str) -> str:
    """`stem`, else with the first number that makes it free."""
    stem = stem[: MAX_SLUG - 3].strip("-")
    tries = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    return next(slug for slug in tries if slug not in RESERVED and not _taken(slug))
