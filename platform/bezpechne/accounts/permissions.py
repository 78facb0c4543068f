"""Roles and what each may do. One table; views and actions ask for permissions, never for roles."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """MODERATE: the desk. ADMINISTER: staff, units. OPERATE: cities. FINANCE: changes of money.

    LEDGER: everything about money, to look at. REPORTS: reports of what one may see.
    SECURITY: one's own second factor and sessions.
    """

    MODERATE = "moderate"
    ADMINISTER = "administer"
    OPERATE = "operate"
    FINANCE = "finance"
    LEDGER = "ledger"
    REPORTS = "reports"
    SECURITY = "security"


class Role(models.TextChoices):
    """The first two live in a city, the others on the platform."""

    ADMINISTRATOR = "administrator", _("City administrator")
    MODERATOR = "moderator", _("Moderator")
    OPERATOR = "operator", _("Operator")
    FINANCE = "finance", _("Finance officer")
    FINANCE_VIEWER = "finance_viewer", _("Finance viewer")
    # These see what billing's scopes name: a donor's grants, or one city's money.
    DONOR_VIEWER = "donor_viewer", _("Donor’s viewer")
    CITY_FINANCE = "city_finance", _("City’s finance viewer")


CITY_ROLES = (Role.ADMINISTRATOR, Role.MODERATOR)
SCOPED_ROLES = (Role.DONOR_VIEWER, Role.CITY_FINANCE)
PLATFORM_ROLES = (Role.OPERATOR, Role.FINANCE, Role.FINANCE_VIEWER, *SCOPED_ROLES)

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {Permission.MODERATE, Permission.ADMINISTER, Permission.SECURITY}
    ),
    Role.MODERATOR: frozenset({Permission.MODERATE, Permission.SECURITY}),
    Role.OPERATOR: frozenset({Permission.OPERATE, Permission.SECURITY}),
    Role.FINANCE: frozenset(
        {Permission.FINANCE, Permission.LEDGER, Permission.REPORTS, Permission.SECURITY}
    ),
    Role.FINANCE_VIEWER: frozenset({Permission.LEDGER, Permission.REPORTS, Permission.SECURITY}),
    Role.DONOR_VIEWER: frozenset({Permission.REPORTS, Permission.SECURITY}),
    Role.CITY_FINANCE: frozenset({Permission.REPORTS, Permission.SECURITY}),
}
