"""States of a question and the only changes allowed between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionState(models.TextChoices):
    """HIDDEN: taken down after publication, for a legal reason or by mistake.

    WITHDRAWN: by the resident. DUPLICATE: another question says the same, and its answer serves.
    """

    UNCONFIRMED = "unconfirmed", _("E-mail not confirmed")
    IN_MODERATION = "in_moderation", _("In moderation")
    CLARIFICATION = "clarification", _("Needs clarification")
    REJECTED = "rejected", _("Rejected")
    PUBLISHED = "published", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
    HIDDEN = "hidden", _("Hidden")
    WITHDRAWN = "withdrawn", _("Withdrawn by the resident")
    DUPLICATE = "duplicate", _("Joined to another question")


S = QuestionState
ALLOWED: dict[str, frozenset[str]] = {
    S.UNCONFIRMED: frozenset({S.IN_MODERATION, S.WITHDRAWN}),
    S.IN_MODERATION: frozenset(
        {S.PUBLISHED, S.REJECTED, S.CLARIFICATION, S.WITHDRAWN, S.DUPLICATE}
    ),
    S.CLARIFICATION: frozenset(
        {S.IN_MODERATION, S.PUBLISHED, S.REJECTED, S.WITHDRAWN, S.DUPLICATE}
    ),
    S.REJECTED: frozenset({S.IN_MODERATION}),
    S.PUBLISHED: frozenset({S.ANSWERED, S.HIDDEN, S.WITHDRAWN, S.DUPLICATE}),
    S.ANSWERED: frozenset({S.PUBLISHED, S.HIDDEN}),
    S.HIDDEN: frozenset({S.PUBLISHED, S.ANSWERED}),
    S.WITHDRAWN: frozenset({S.IN_MODERATION}),
    S.DUPLICATE: frozenset({S.IN_MODERATION, S.PUBLISHED}),
}
PUBLIC = (S.PUBLISHED, S.ANSWERED)
# Neither the public nor a unit waits for anything.
CLOSED = (S.REJECTED, S.HIDDEN, S.WITHDRAWN, S.DUPLICATE)

# What the map shows; the colour and shape of a pin are derived from it, never stored.
PIN: dict[str, str] = {S.PUBLISHED: "waiting", S.ANSWERED: "answered"}


class StateChangeRefused(ValueError):
    """Somebody was quicker, or the page was old; the text is shown to the person."""
