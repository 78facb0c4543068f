"""What the e-mails about a city's life say."""

from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel import clock
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.site import site
from provisioning.trials import OVER, stage_of
from tenants.models import City
from tenants.states import CityState


@writes("trial")
def trial(mail: AccountMail) -> Letter | None:
    """A reminder, or at stage 0 that the trial is over.

    None when it was extended or ended otherwise since, or a nearer reminder is due by now.
    """
    person = User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()
    with in_schema(PUBLIC):
        city = City.objects.filter(pk=mail.subject_id).first()
    if person is None or city is None or city.trial_ends_on is None:
        return None
    if f":{city.trial_ends_on}:" not in mail.key or stage_of(city.trial_ends_on) != mail.version:
        return None
    over = mail.version == OVER
    if city.state != (CityState.SUSPENDED if over else CityState.TRIAL):
        return None
    return _letter(person, city, city.trial_ends_on, over)


def _subject(city: City, left: int) -> str:
    if left == 0:
        return _("%(city)s: the trial ends today") % {"city": city.name}
    return ngettext(
        "%(city)s: %(days)s day of the trial is left",
        "%(city)s: %(days)s days of the trial are left",
        left,
    ) % {"city": city.name, "days": left}


def _letter(person: User, city: City, ends_on: date, over: bool) -> Letter:
    day = date_format(ends_on, "DATE_FORMAT")
    here = site()
    operator = person.role == Role.OPERATOR
    if over:
        subject = _("%(city)s: the trial is over") % {"city": city.name}
        paragraphs = [
            _("The trial of %(city)s ended on %(day)s.") % {"city": city.name, "day": day},
            _("The site takes no new questions now. Everything on it stays to be read."),
        ]
    else:
        subject = _subject(city, (ends_on - clock.today()).days)
        paragraphs = [
            _("The last day of the trial of %(city)s is %(day)s.")
            % {"city": city.name, "day": day},
            _("After it the site takes no new questions. Everything on it stays to be read."),
        ]
    if operator:
        label = _("Extend or activate")
        path = reverse("platform:life", settings.PUBLIC_SCHEMA_URLCONF, args=[city.slug])
    else:
        paragraphs.append(_("To go on, write to the operator of the platform."))
        label, path = _("Open the desk"), reverse("desk:queue", settings.ROOT_URLCONF)
    return Letter(
        to=person.email,
        subject=subject,
        paragraphs=paragraphs,
        button=(label, here.absolute(path)),
        site=here.name,
        site_url=here.url,
    )
