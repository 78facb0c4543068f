"""Roles and what each may do. One table; views and actions ask for permissions, never for roles."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """MODERATE: the desk. ADMINISTER: staff, units. OPERATE: cities. FINANCE: payers, reports.

    SECURITY: one's own second factor, which the platform's people have.
    """

    MODERATE = "moderate"
    ADMINISTER = "administer"
    OPERATE = "operate"
    FINANCE = "finance"
    SECURITY = "security"


class Role(models.TextChoices):
    """The first two live in a city, the last two on the platform."""

    ADMINISTRATOR = "administrator", _("City administrator")
    MODERATOR = "moderator", _("Moderator")
    OPERATOR = "operator", _("Operator")
    FINANCE = "finance", _("Finance officer")


CITY_ROLES = (Role.ADMINISTRATOR, Role.MODERATOR)
PLATFORM_ROLES = (Role.OPERATOR, Role.FINANCE)

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset({Permission.MODERATE, Permission.ADMINISTER}),
    Role.MODERATOR: frozenset({Permission.MODERATE}),
    Role.OPERATOR: frozenset({Permission.OPERATE, Permission.SECURITY}),
    Role.FINANCE: frozenset({Permission.FINANCE, Permission.SECURITY}),
}
