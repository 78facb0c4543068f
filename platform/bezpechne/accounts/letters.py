"""What the e-mails about accounts say."""

from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from bezpechne.accounts.actions import reset_tokens
from bezpechne.accounts.models import AccountMail, Invitation, User
from bezpechne.kernel import clock, tokens
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import site


@writes("invitation", at_once=True)
def invitation(mail: AccountMail) -> Letter | None:
    """None when it was accepted, revoked or sent anew since."""
    row = Invitation.objects.get(pk=mail.subject_id)
    if not row.is_open or row.version != mail.version:
        return None
    token = tokens.make("invitation", row.pk, row.version)
    here = site()
    return Letter(
        to=row.email,
        subject=_("Invitation to %(site)s") % {"site": here.name},
        paragraphs=[
            _("You are invited to %(site)s as: %(role)s.")
            % {"site": here.name, "role": row.get_role_display().lower()},
            _("Open the link, write your name and choose a password."),
        ],
        button=(
            _("Accept the invitation"),
            here.absolute(reverse("accounts:accept", args=[token])),
        ),
        after=(
            _("The link works until %(date)s. If you did not expect it, do nothing.")
            % {"date": date_format(row.expires_at.astimezone(clock.KYIV), "DATETIME_FORMAT")},
        ),
        site=here.name,
        site_url=here.url,
    )


@writes("reset", at_once=True)
def reset(mail: AccountMail) -> Letter | None:
    """None when the account was deactivated since."""
    user = User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()
    if user is None:
        return None
    here = site()
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = reverse("accounts:reset_confirm", args=[uid, reset_tokens.make_token(user)])
    return Letter(
        to=user.email,
        subject=_("New password for %(site)s") % {"site": here.name},
        paragraphs=[_("Somebody, probably you, asked to choose a new password.")],
        button=(_("Choose a new password"), here.absolute(link)),
        after=(_("The link works for one day. If it was not you, do nothing."),),
        site=here.name,
        site_url=here.url,
    )
