"""What the journal's actions are called. `note` refuses one that has no words here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    # A city's life.
    "provisioned": _("The city was made"),
    "restored": _("Restored from an archive"),
    "launch_set": _("Launch date set"),
    "trial_started": _("Trial started"),
    "trial_extended": _("Last day of the trial changed"),
    "trial_reminded": _("Reminder of the end of the trial sent"),
    "trial_ended": _("The trial ended, the city was suspended"),
    "activated": _("Activated"),
    "suspended": _("Suspended"),
    "resumed": _("Resumed"),
    "archived": _("Archived"),
    "unarchived": _("Taken out of the archive"),
    "exported": _("Complete export made"),
    "deletion_scheduled": _("Deletion asked for"),
    "deletion_cancelled": _("Deletion cancelled"),
    "deletion_started": _("Deletion for good begun"),
    "deleted": _("Deleted for good"),
    # What an operator looks after.
    "outline_loaded": _("Outline loaded"),
    "bounds_checked": _("Bounds checked by a person"),
    "police_link_seen": _("Link on the police site seen"),
    "police_link_gone": _("Link on the police site gone"),
    "administrator_invited": _("Administrator invited"),
    "administrator_replaced": _("Administrator replaced"),
    "acting_started": _("Session as administrator begun"),
    "acting_ended": _("Session as administrator ended"),
    "limits_set": _("Limits set"),
    "basemap_set": _("Map under the pins chosen"),
    "branding_changed": _("Look and words changed"),
    "branding_restored": _("Earlier look and words restored"),
    # Names.
    "domain_added": _("Domain added"),
    "domain_verified": _("Domain confirmed"),
    "domain_record_lost": _("Record of the domain gone"),
    "domain_record_found": _("Record of the domain back"),
    "domain_primary": _("Domain made primary"),
    "domain_removed": _("Domain removed"),
    "domain_expired": _("Domain not confirmed within 14 days, removed"),
    "slug_renamed": _("Name in the address changed"),
    # The platform itself.
    "template_made": _("Template made"),
    "template_changed": _("Template changed"),
    "template_restored": _("Original of a template restored"),
    "template_deleted": _("Template deleted"),
    "announced": _("Announcement published"),
    "announcement_ended": _("Announcement ended"),
    "request_moved": _("Request moved on"),
    "jobs_retried": _("Failed jobs put back"),
    "job_deleted": _("Failed job deleted"),
    "api_token_created": _("API token made"),
    "api_token_revoked": _("API token revoked"),
    "second_factor_set": _("Second factor set up"),
    "second_factor_changed": _("Second factor changed"),
    "second_factor_used": _("Recovery code used"),
    "second_factor_reset": _("Second factor reset on the server"),
    "city_factor_reset": _("Second factor of a city’s administrator reset"),
    "second_factor_removed": _("Passkey removed"),
}


def words_of(action: str) -> str:
    """An archive of another release may hold an action that this one does not know."""
    return str(WORDS.get(action, action.replace("_", " ")))
