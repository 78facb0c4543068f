"""The monthly letter: that a report is there, never what it says.

Sums stay behind the sign-in: mail lies open on its way and in boxes.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import platform_site
from billing.models import SavedReport
from billing.reports.saved import MAIL_KIND


@writes(MAIL_KIND)
def finance_report(mail: AccountMail) -> Letter | None:
    """None when the report was removed, or its owner may not open it any more."""
    person = User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()
    row = SavedReport.objects.filter(pk=mail.subject_id).first()
    if person is None or row is None or Permission.REPORTS not in person.permissions:
        return None
    here = platform_site()
    path = reverse("finance:reports", settings.PUBLIC_SCHEMA_URLCONF)
    return Letter(
        to=person.email,
        subject=_("Report “%(name)s”") % {"name": row.name},
        paragraphs=[
            _("Your report “%(name)s” is ready to be opened.") % {"name": row.name},
            _("You asked for this letter each month. Remove the report to end it."),
        ],
        button=(_("Open the report"), here.absolute(f"{path}?{row.query}")),
        site=here.name,
        site_url=here.url,
    )
