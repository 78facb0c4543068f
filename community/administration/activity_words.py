"""What the log says of everything that is not the history of a question."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bezpechne.kernel.actors import ActorKind

ACTORS: dict[str, Any] = {
    ActorKind.STAFF: _("staff"),
    ActorKind.RESIDENT: _("a resident"),
    ActorKind.UNIT: _("a unit"),
    ActorKind.OPERATOR: _("the platform’s operator"),
    ActorKind.SYSTEM: _("automatically"),
}

KINDS: dict[str, Any] = {
    "questions": pgettext_lazy("log", "Questions"),
    "units": pgettext_lazy("log", "Units"),
    "topics": pgettext_lazy("log", "Topics"),
    "people": pgettext_lazy("log", "Staff"),
    "city": pgettext_lazy("log", "The city itself"),
    "hours": pgettext_lazy("log", "Hours"),
}

OWN_WORDS: dict[str, Any] = {
    "purged": _("Deleted: nobody confirmed it"),
    "asker_forgotten": _("Name and e-mail deleted: the term is over"),
    "unit_created": _("Unit added"),
    "unit_changed": _("Unit changed"),
    "made_liaison": _("Made the liaison"),
    "unit_activated": _("Unit activated"),
    "unit_deactivated": _("Unit deactivated"),
    "test_mail_sent": _("Test letter sent"),
    "address_confirmed": _("E-mail address confirmed by a reader"),
    "units_imported": _("Units written from a table"),
    "topic_added": _("Topic added"),
    "topic_changed": _("Topic changed"),
    "topic_moved": _("Topic moved in the list"),
    "topic_activated": _("Topic activated"),
    "topic_deactivated": _("Topic deactivated"),
    "topic_deleted": _("Topic deleted"),
    "topic_routed": _("Default unit of a topic chosen"),
    "centre_placed": _("Bounds or centre changed"),
    "outline_changed": _("Outline changed"),
    "place_restored": _("Map returned to an earlier state"),
    "basemap_chosen": _("Map under the pins chosen"),
    "privacy_changed": _("Privacy notice and consent changed"),
    "branding_changed": _("Look and words changed"),
    "branding_restored": _("Look and words returned to an earlier state"),
    "invited": _("Invited"),
    "invited_again": _("Invited again"),
    "invitation_revoked": _("Invitation taken back"),
    "invitation_accepted": _("Invitation accepted"),
    "deactivated": _("Account deactivated"),
    "reactivated": _("Account activated again"),
    "password_changed": _("Password changed"),
    "hours_written": _("Hours written"),
    "hours_submitted": _("Hours sent for approval"),
    "hours_taken_back": _("Hours taken back"),
    "hours_approved": _("Hours approved"),
    "hours_returned": _("Hours sent back"),
    "hours_reopened": _("Hours opened again"),
    "hours_closed": _("Hours closed"),
}
