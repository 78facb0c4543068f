"""States of a question and the only changes allowed between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionState(models.TextChoices):
    """HIDDEN: taken down after publication, for a legal reason or by mistake.

    WITHDRAWN: by the resident. DUPLICATE: another question says the same, and its answer serves.
    PRIVATE_WAITING, PRIVATE_ANSWERED: what PUBLISHED and ANSWERED are, of a private question: no
    public page knows these states, so one that forgets to ask shows nothing.
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
    PRIVATE_WAITING = "private_waiting", _("Private, waiting for an answer")
    PRIVATE_ANSWERED = "private_answered", _("Private, answered")


S = QuestionState
ALLOWED: dict[str, frozenset[str]] = {
    S.UNCONFIRMED: frozenset({S.IN_MODERATION, S.WITHDRAWN}),
    S.IN_MODERATION: frozenset(
        {
            S.PUBLISHED,
            S.REJECTED,
            S.CLARIFICATION,
            S.WITHDRAWN,
            S.DUPLICATE,
            S.PRIVATE_WAITING,
        }
    ),
    S.CLARIFICATION: frozenset(
        {
            S.IN_MODERATION,
            S.PUBLISHED,
            S.REJECTED,
            S.WITHDRAWN,
            S.DUPLICATE,
            S.PRIVATE_WAITING,
        }
    ),
    S.REJECTED: frozenset({S.IN_MODERATION}),
    S.PUBLISHED: frozenset({S.ANSWERED, S.HIDDEN, S.WITHDRAWN, S.DUPLICATE}),
    S.ANSWERED: frozenset({S.PUBLISHED, S.HIDDEN}),
    S.HIDDEN: frozenset({S.PUBLISHED, S.ANSWERED}),
    S.WITHDRAWN: frozenset({S.IN_MODERATION}),
    S.DUPLICATE: frozenset({S.IN_MODERATION, S.PUBLISHED}),
    S.PRIVATE_WAITING: frozenset({S.PRIVATE_ANSWERED, S.REJECTED, S.WITHDRAWN}),
    S.PRIVATE_ANSWERED: frozenset({S.PRIVATE_WAITING}),
}
PUBLIC = (S.PUBLISHED, S.ANSWERED)
PRIVATE = (S.PRIVATE_WAITING, S.PRIVATE_ANSWERED)
# Taken on by the desk, before the public or without it: units may have these.
LIVE = (*PUBLIC, *PRIVATE)
WAITING = (S.PUBLISHED, S.PRIVATE_WAITING)
HAS_ANSWER = (S.ANSWERED, S.PRIVATE_ANSWERED)
# Where strangers learn of a question: its page, «removed», or letters to whoever follows it.
NEVER_PRIVATE = (*PUBLIC, S.HIDDEN, S.DUPLICATE)
MODERATED = (S.IN_MODERATION, S.CLARIFICATION)
# Neither the public nor a unit waits for anything.
CLOSED = (S.REJECTED, S.HIDDEN, S.WITHDRAWN, S.DUPLICATE)

# What the map shows; the colour and shape of a pin are derived from it, never stored.
PIN: dict[str, str] = {S.PUBLISHED: "waiting", S.ANSWERED: "answered"}


class StateChangeRefused(ValueError):
    """Somebody was quicker, or the page was old; the text is shown to the person."""
