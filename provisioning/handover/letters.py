"""What the letters about a hand-over say: never a sum, mail lies open on its way."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.site import platform_site
from billing.wording import day_text
from provisioning.handover import telling
from provisioning.handover.models import Handover
from provisioning.handover.needs import last_paid, missing
from provisioning.handover.states import Stage


@writes(telling.MAIL_KIND)
def handover(mail: AccountMail) -> Letter | None:
    """None when the person or the hand-over is gone, or a reminder has nothing to remind of."""
    person = User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()
    with in_schema(PUBLIC):
        rows = Handover.objects.select_related("account", "council", "contract")
        row = rows.filter(pk=mail.subject_id).first()
        if person is None or row is None:
            return None
        paragraphs = _paragraphs(row, mail.version)
    if not paragraphs:
        return None
    here = platform_site()
    return Letter(
        to=person.email,
        subject=_subject(row, mail.version),
        paragraphs=paragraphs,
        button=_button(row, person),
        site=here.name,
        site_url=here.url,
    )


def _button(row: Handover, person: User) -> tuple[str, str] | None:
    """Only for who may open the page."""
    if Permission.LEDGER not in person.permissions:
        return None
    path = reverse("handover:page", settings.PUBLIC_SCHEMA_URLCONF, args=[row.pk])
    return (_("Open the hand-over"), platform_site().absolute(path))


def _subject(row: Handover, about: int) -> str:
    city = {"city": row.account.name}
    return {
        telling.SWITCHED: _("%(city)s: the local budget takes over") % city,
        telling.EXTENDED: _("%(city)s: the donor pays longer") % city,
        telling.SUSPENDED: _("%(city)s: the site will take no questions") % city,
        telling.RENEWED: _("%(city)s: renewed for the next year") % city,
        telling.DUE: _("%(city)s: a step of the hand-over is due") % city,
        telling.OVERDUE: _("%(city)s: a step of the hand-over is overdue") % city,
        telling.LATE: _("%(city)s: the money ends, the next payer is not there") % city,
        telling.SEPTEMBER: _("%(city)s: time for the request to the next year’s budget") % city,
    }[about]


def _paragraphs(row: Handover, about: int) -> list[str]:
    day = day_text(row.switch_on or row.suspends_on or row.stage_since)
    if about == telling.SWITCHED:
        return [
            _("From %(day)s on the local budget pays for the moderator’s work.") % {"day": day},
            _("Nothing changes for residents: questions and answers go on as before."),
        ]
    if about == telling.RENEWED:
        return [_("The local budget goes on paying for the moderator’s work.")]
    last = last_paid(row)
    until = day_text(last) if last else ""
    if about == telling.EXTENDED:
        return [_("The donor pays for the moderator’s work until %(day)s.") % {"day": until}]
    if about == telling.SUSPENDED:
        return [
            _("From %(day)s on nobody pays for the moderator’s work.") % {"day": day},
            _("The site can be read, but takes no new questions until somebody pays again."),
        ]
    return _reminder(row, about, until)


def _reminder(row: Handover, about: int, until: str) -> list[str]:
    if row.stage == Stage.CLOSED:
        return []
    step = _("The step in force: %(stage)s.") % {"stage": row.get_stage_display()}
    if about == telling.LATE:
        choice = _(
            "Choose: set the day of the change, prolong the donor’s agreement, or pause the site."
        )
        return [_("The last day that is paid for is %(day)s.") % {"day": until}, step, choice]
    if about == telling.SEPTEMBER:
        return [
            _("The council makes its budget now. A request after October misses the next year."),
            step,
        ]
    due = day_text(row.due_on) if row.due_on else ""
    return [step, _("It was to be done by %(day)s.") % {"day": due}, *missing(row)]
