"""Letters about the safety of an account: plain, and without what a thief could use."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts import devices
from bezpechne.accounts.models import AccountMail, SignIn, User
from bezpechne.kernel import clock
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import Site, site


@dataclass(frozen=True)
class Words:
    """Subject and first sentence; `%(site)s` is filled in."""

    subject: str | Promise
    said: str | Promise


KINDS = {
    "factor_set": Words(
        _("Second factor set up: %(site)s"),
        _("An authenticator app was set up for your account. It is asked at each sign-in."),
    ),
    "factor_replaced": Words(
        _("Another authenticator app: %(site)s"),
        _("The authenticator app of your account was replaced. Other devices are signed out."),
    ),
    "factor_reset": Words(
        _("Second factor taken away: %(site)s"),
        _(
            "The second factor of your account was taken away, because it was lost, and all devices "
            "are signed out. The next sign-in sets up a new app: do it today."
        ),
    ),
    "recovery_codes_renewed": Words(
        _("New recovery codes: %(site)s"),
        _("New recovery codes were made for your account. The ones before work no more."),
    ),
    "recovery_code_used": Words(
        _("A recovery code was used: %(site)s"),
        _("Somebody signed in to your account with a recovery code. It works no more."),
    ),
    "passkey_added": Words(
        _("A passkey was added: %(site)s"),
        _("A passkey was added to your account. It signs in without the code of the app."),
    ),
    "passkey_removed": Words(
        _("A passkey was removed: %(site)s"),
        _("A passkey of your account was removed. Other devices are signed out."),
    ),
    "passkey_copied": Words(
        _("A passkey was stopped: %(site)s"),
        _(
            "A passkey of your account seems to exist twice: its counter went back. We let nobody in "
            "with it and stopped it. Sign in with the app and remove the passkey."
        ),
    ),
    "sessions_ended": Words(
        _("You are signed out: %(site)s"),
        _("An administrator signed you out on all devices. Sign in again to go on."),
    ),
    "role_changed": Words(
        _("Another role: %(site)s"),
        _("An administrator gave your account another role. Sign in again to go on."),
    ),
    "password_changed": Words(
        _("The password was changed: %(site)s"),
        _("The password of your account was changed. All devices are signed out."),
    ),
}


def _person(mail: AccountMail) -> User | None:
    return User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()


def _letter(user: User, here: Site, subject: str, paragraphs: list[str]) -> Letter:
    return Letter(
        to=user.email,
        subject=subject,
        paragraphs=paragraphs,
        button=(str(_("Choose a new password")), here.absolute(reverse("accounts:reset"))),
        after=(str(_("If it was you, do nothing. If not, choose a new password now.")),),
        site=here.name,
        site_url=here.url,
    )


def _about(mail: AccountMail) -> Letter | None:
    """None when the account was closed since."""
    user, here = _person(mail), site()
    if user is None:
        return None
    words = KINDS[mail.kind]
    when = date_format(mail.created_at.astimezone(clock.KYIV), "DATETIME_FORMAT")
    return _letter(
        user, here, str(words.subject) % {"site": here.name}, [str(words.said), f"{when}."]
    )


for _kind in KINDS:
    writes(_kind, at_once=True)(_about)


@writes("new_device", at_once=True)
def new_device(mail: AccountMail) -> Letter | None:
    """Says which device it was, unless its session is over already."""
    user, here = _person(mail), site()
    if user is None:
        return None
    facts = [date_format(mail.created_at.astimezone(clock.KYIV), "DATETIME_FORMAT")]
    row = SignIn.objects.filter(pk=mail.subject_id, user=user).first()
    if row is not None:
        facts += [devices.in_words(row.agent), row.address]
    said = _("Somebody signed in to your account with a device that we have not seen before.")
    return _letter(
        user,
        here,
        str(_("Sign-in from a new device: %(site)s")) % {"site": here.name},
        [str(said), " · ".join(fact for fact in facts if fact)],
    )
