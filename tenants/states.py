"""States of a city. The launch date is apart from them: before it the public sees a curtain.

What each state means for the site is in `tenants/README.md`; who may change it, in
`provisioning/life.py`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CityState(models.TextChoices):
    """`DELETED` lasts as long as files and tables are being removed; then there is no row at all
    and the city's name stands in the journal alone.
    """

    DRAFT = "draft", _("Draft")
    TRIAL = "trial", _("Trial")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ARCHIVED = "archived", _("Archived")
    DELETED = "deleted", _("Deleted")


# Every step but deletion can be taken back.
ALLOWED: dict[str, frozenset[str]] = {
    CityState.DRAFT: frozenset({CityState.TRIAL, CityState.ACTIVE, CityState.ARCHIVED}),
    CityState.TRIAL: frozenset({CityState.ACTIVE, CityState.SUSPENDED, CityState.ARCHIVED}),
    CityState.ACTIVE: frozenset({CityState.TRIAL, CityState.SUSPENDED, CityState.ARCHIVED}),
    CityState.SUSPENDED: frozenset({CityState.TRIAL, CityState.ACTIVE, CityState.ARCHIVED}),
    CityState.ARCHIVED: frozenset({CityState.DRAFT, CityState.SUSPENDED, CityState.DELETED}),
    CityState.DELETED: frozenset(),
}
# The public sees the site; a draft is prepared behind the curtain whatever its launch date.
VISIBLE = frozenset({CityState.TRIAL, CityState.ACTIVE, CityState.SUSPENDED})
# In a draft it is the staff alone who ask, to try the way out: everybody else is before the curtain.
ASKING = frozenset({CityState.DRAFT, CityState.TRIAL, CityState.ACTIVE})
# Nobody comes in, no e-mail goes out, no periodic work is done; the data stay as they are.
CLOSED = frozenset({CityState.ARCHIVED, CityState.DELETED})


class Basemap(models.TextChoices):
    """What lies under a city's pins; choices of `City.basemap`."""

    OSM = "osm", _("OpenStreetMap")
    GOOGLE = "google", _("Google Maps")
