"""Versions of the consent to the processing of personal data. A new text is a new version."""

from community.questions.models import PrivacyNotice

# The platform's own text, in force until a city writes its notice.
CURRENT = "2026-11"
MONTHS_KEPT = 12


def in_force() -> PrivacyNotice:
    """The city's newest notice; before the first an unsaved one with the platform's terms."""
    return PrivacyNotice.objects.order_by("-id").first() or platform_s()


def platform_s() -> PrivacyNotice:
    """Names no controller: the city has not said who it is."""
    return PrivacyNotice(version=CURRENT, months_kept=MONTHS_KEPT)


def version(code: str) -> PrivacyNotice | None:
    """A version that somebody may have agreed to, or None."""
    found = PrivacyNotice.objects.filter(version=code).first()
    return found or (platform_s() if code == CURRENT else None)


def versions() -> list[PrivacyNotice]:
    """All of them, newest first, the platform's last."""
    return [*PrivacyNotice.objects.order_by("-id"), platform_s()]
