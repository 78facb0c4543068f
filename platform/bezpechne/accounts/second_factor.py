"""The second factor: codes of an app (TOTP) and recovery codes, kept in allauth's tables.

Codes are checked here and not by allauth: it remembers used ones in a cache that each process has
for itself, so one code would open a session in every process.
"""

import base64
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings, signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bezpechne.accounts import sign_ins
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.happenings import note, write_to
from bezpechne.accounts.models import User
from bezpechne.kernel import clock, throttle
from bezpechne.kernel.schema import PUBLIC, current_schema

logger = logging.getLogger(__name__)
Kind = Authenticator.Type
# Half-minutes in which a code that is refused is looked for, to tell a wrong clock.
SKEW_STEPS = 30


class WrongCode(AccountError):
    """The code is not right, was used before, or came after too many others."""


class TooManyCodes(WrongCode):
    """The limit for wrong codes is reached; the text says how long it lasts."""


class Adapter(DefaultMFAAdapter):
    """Secrets lie in the database encrypted with keys made from SECRET_KEY and its fallbacks."""

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken for what another SECRET_KEY has encrypted."""
        return _keys().decrypt(encrypted_text.encode()).decode()


def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"bezpechne.second_factor\0" + force_bytes(key)) for key in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one.digest())) for one in digests])


def demanded(user: User) -> bool:
    """Whether a password alone is not enough: on the platform never, in a city after the grace.

    Whoever has a second factor has no grace left.
    """
    return current_schema() == PUBLIC or user.factor_due <= clock.now()


def is_set(user: User) -> bool:
    """Whether the person has an authenticator app."""
    return Authenticator.objects.filter(user_id=user.pk, type=Kind.TOTP).exists()


def who_has_one() -> set[int]:
    """Keys of everybody here who has an authenticator app; one query."""
    rows = Authenticator.objects.filter(type=Kind.TOTP)
    return set(rows.values_list("user_id", flat=True))


# --- An app's secret ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Secret:
    """What an app needs; `text` in groups of four for typing, `image` a data: URL with the QR code."""

    value: str
    text: str
    image: str


def new_secret() -> str:
    """32 letters and digits, 160 bits."""
    return str(generate_totp_secret())


def shown(secret: str, user: User) -> Secret:
    """A secret as its page shows it."""
    adapter = Adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    image = base64.b64encode(svg.encode()).decode()
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Secret(secret, groups, f"data:image/svg+xml;base64,{image}")


def code_at(secret: str, moment: datetime) -> str:
    """The six digits that an app shows at a moment."""
    return str(format_hotp_value(hotp_value(secret, _step(moment))))


def codes_of_all(moment: datetime) -> list[tuple[User, str]]:
    """Everybody's code in the schema in force, for the page of a demo; two queries."""
    rows = Authenticator.objects.filter(type=Kind.TOTP).order_by("user_id")
    users = User.objects.in_bulk([row.user_id for row in rows])
    adapter = Adapter()
    return [
        (users[row.user_id], code_at(adapter.decrypt(row.data["secret"]), moment)) for row in rows
    ]


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // int(app_settings.TOTP_PERIOD)


def _matching_step(secret: str, code: str, after: int) -> int | None:
    """The half-minute whose code this is, later than `after`; None when there is none."""
    now, tolerance = _step(clock.now()), int(app_settings.TOTP_TOLERANCE)
    for step in range(max(after + 1, now - tolerance), now + tolerance + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


# --- Setting, replacing, taking away --------------------------------------------------------------


@transaction.atomic
def enrol(*, user: User, secret: str, code: str) -> list[str]:
    """Sets the app once it shows that it has the secret; returns the new recovery codes.

    Raises WrongCode, also when an app was set meanwhile: replacing one asks for its code.
    """
    _lock(user)
    if is_set(user):
        raise WrongCode(_("An authenticator is set already. Sign in again with its code."))
    authenticator = _set_app(user, secret, code)
    _end_grace(user)
    _tell(signals.authenticator_added, user, authenticator)
    _happened(user, "second_factor_set", "factor_set")
    return _make_recovery_codes(user)


def replace(*, user: User, secret: str, new_code: str, code: str, visitor: str) -> None:
    """Another app instead of the one before; the person's other sessions are for `sign_ins.end`.

    `code` is a fresh code of the old app or a recovery code. Recovery codes stay.
    """
    # Before the old code is spent: a slip in the new one must not cost a recovery code.
    if _matching_step(secret, new_code, after=0) is None:
        raise WrongCode(_("The code of the new app is not right. Scan the picture and try again."))
    check(user=user, code=code, visitor=visitor)
    with transaction.atomic():
        _lock(user)
        Authenticator.objects.filter(user_id=user.pk, type=Kind.TOTP).delete()
        _tell(signals.authenticator_reset, user, _set_app(user, secret, new_code))
        _happened(user, "second_factor_changed", "factor_replaced")


def renew_recovery_codes(*, user: User, code: str, visitor: str) -> list[str]:
    """New recovery codes for a fresh code; the ones before stop working."""
    check(user=user, code=code, visitor=visitor)
    with transaction.atomic():
        _lock(user)
        codes = _make_recovery_codes(user)
        rows = Authenticator.objects.filter(user_id=user.pk, type=Kind.RECOVERY_CODES)
        _tell(signals.authenticator_reset, user, rows.get())
        _happened(user, "second_factor_changed", "recovery_codes_renewed")
    return codes


@transaction.atomic
def reset(*, user: User) -> bool:
    """Takes the second factor away and ends the person's sessions; False when there was none.

    The next sign-in asks to set one. For somebody who lost phone and codes.
    """
    _lock(user)
    had_one = is_set(user)
    Authenticator.objects.filter(user_id=user.pk).delete()
    _end_grace(user)
    sign_ins.end(user)
    return had_one


def _lock(user: User) -> None:
    """Two requests of one person at once follow each other."""
    User.objects.select_for_update().get(pk=user.pk)


def _set_app(user: User, secret: str, code: str) -> Authenticator:
    step = _matching_step(secret, code, after=0)
    if step is None:
        if _minutes_off(secret, code):
            raise WrongCode(
                _(
                    "The code is right for another time: the clock of your phone is wrong. "
                    "Let it set its time by itself, then write the new code."
                )
            )
        raise WrongCode(_("The code is not right. Write the six digits that the app shows now."))
    authenticator: Authenticator = TOTP.activate(user, secret).instance
    # The code that confirmed the app opens nothing any more.
    authenticator.data["used_step"] = step
    authenticator.save(update_fields=["data"])
    return authenticator


def _make_recovery_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user_id=user.pk, type=Kind.RECOVERY_CODES).delete()
    made = RecoveryCodes.activate(user)
    made.mark_as_viewed()
    return list(made.generate_codes())


def _tell(signal: Signal, user: User, authenticator: Authenticator) -> None:
    """What allauth's own pages would say; provisioning keeps the platform's journal by it."""
    signal.send(sender=Authenticator, request=None, user=user, authenticator=authenticator)


def _end_grace(user: User) -> None:
    user.factor_due_at = clock.now()
    user.save(update_fields=["factor_due_at"])


def _happened(user: User, action: str, letter: str) -> None:
    note(by=user.actor, user=user, action=action)
    write_to(user, letter)


# --- Checking -------------------------------------------------------------------------------------


def check(*, user: User, code: str, visitor: str, device: str = "") -> str:
    """Takes one code, of the app or of the recovery codes, and says which kind it was.

    Raises WrongCode. Five codes from one address and twenty in all, then a pause: who guesses is
    slow. `device` is a browser that the person signed in with before: it has five of its own, so
    that guesses from elsewhere do not stop the owner.
    """
    mine, quarter = f"{user.pk}\x00{device or visitor}", timedelta(minutes=15)
    if not throttle.allow("second_factor", mine, limit=5, window=quarter):
        raise TooManyCodes(_("Too many codes. Wait 15 minutes and try again."))
    total, hour = str(user.pk), timedelta(hours=1)
    if not device and not throttle.allow("second_factor_user", total, limit=20, window=hour):
        raise TooManyCodes(_("Too many codes. Wait an hour and try again."))
    with transaction.atomic():
        kind = _spend(user, code)
    if kind is None:
        raise WrongCode(_wrong(user, code))
    throttle.forget("second_factor", mine)
    return kind


def _wrong(user: User, code: str) -> str:
    """Says so when the code is of another time: nobody finds out alone that a clock is wrong."""
    off = minutes_off(user, code)
    if off > 0:
        said = ngettext(
            "The code is right for another time: the clock of your phone is %(count)d minute ahead. "
            "Let it set its time by itself, then try again.",
            "The code is right for another time: the clock of your phone is %(count)d minutes "
            "ahead. Let it set its time by itself, then try again.",
            off,
        )
    elif off < 0:
        said = ngettext(
            "The code is right for another time: the clock of your phone is %(count)d minute "
            "behind, or the code is old. Let the phone set its time by itself, then try again.",
            "The code is right for another time: the clock of your phone is %(count)d minutes "
            "behind, or the code is old. Let the phone set its time by itself, then try again.",
            -off,
        )
    else:
        return _("The code is not right, or it was used before. Wait for the next one.")
    return said % {"count": abs(off)}


def minutes_off(user: User, code: str) -> int:
    """By how many minutes, up to fifteen, the phone's clock is ahead (or behind, below zero).

    0 for a code that is of no time near, or was used.
    """
    row = Authenticator.objects.filter(user_id=user.pk, type=Kind.TOTP).first()
    if row is None:
        return 0
    try:
        secret = Adapter().decrypt(row.data["secret"])
    except InvalidToken:
        return 0
    return _minutes_off(secret, code, row.data.get("used_step", 0))


def _minutes_off(secret: str, code: str, used: int = 0) -> int:
    now, period = _step(clock.now()), int(app_settings.TOTP_PERIOD)
    for away in range(int(app_settings.TOTP_TOLERANCE) + 1, SKEW_STEPS + 1):
        for step in (now + away, now - away):
            expected = format_hotp_value(hotp_value(secret, step))
            if step > used and compare_user_code(actual=code, expected=expected):
                minutes = max(1, round(away * period / 60))
                return minutes if step > now else -minutes
    return 0


def _spend(user: User, code: str) -> str | None:
    """Marks the code as used; None when it is no good."""
    rows = {
        row.type: row for row in Authenticator.objects.filter(user_id=user.pk).select_for_update()
    }
    try:
        for kind, take in ((Kind.TOTP, _take_app_code), (Kind.RECOVERY_CODES, _take_recovery)):
            if kind in rows and take(rows[kind], code):
                rows[kind].last_used_at = clock.now()
                rows[kind].save(update_fields=["last_used_at"])
                _tell(signals.authenticator_used, user, rows[kind])
                if kind == Kind.RECOVERY_CODES:
                    _happened(user, "second_factor_used", "recovery_code_used")
                return str(kind.value)
    except InvalidToken:
        logger.error(  # noqa: TRY400 - the trace says nothing more
            "The second factor of user %s cannot be read: SECRET_KEY is another one. "
            "Set SECRET_KEY_FALLBACKS, or run reset_second_factor.",
            user.pk,
        )
    return None


def _take_app_code(row: Authenticator, code: str) -> bool:
    step = _matching_step(
        Adapter().decrypt(row.data["secret"]), code, after=row.data.get("used_step", 0)
    )
    if step is None:
        return False
    row.data["used_step"] = step
    row.save(update_fields=["data"])
    return True


def _take_recovery(row: Authenticator, code: str) -> bool:
    wrapped = RecoveryCodes(row)
    taken = wrapped.validate_code(code)
    row.data = wrapped.instance.data
    return bool(taken)


@dataclass(frozen=True)
class Summary:
    """What a person sees of their own second factor."""

    since: datetime | None
    last_used: datetime | None
    codes_left: int


def summary(user: User) -> Summary:
    """One query."""
    rows = {row.type: row for row in Authenticator.objects.filter(user_id=user.pk)}
    app, codes = rows.get(Kind.TOTP), rows.get(Kind.RECOVERY_CODES)
    used = bin(codes.data.get("used_mask", 0)).count("1") if codes else 0
    return Summary(
        since=app.created_at if app else None,
        last_used=app.last_used_at if app else None,
        codes_left=int(app_settings.RECOVERY_CODE_COUNT) - used if codes else 0,
    )
