"""States of a routing and of an answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoutingState(models.TextChoices):
    """SENT and ACCEPTED are open: a question has at most one open routing."""

    SENT = "sent", _("Sent to the unit")
    ACCEPTED = "accepted", _("Accepted by the unit")
    PASSED_BACK = "passed_back", _("Passed back")
    WITHDRAWN = "withdrawn", _("Withdrawn by the desk")
    DONE = "done", _("Answered")


OPEN = (RoutingState.SENT, RoutingState.ACCEPTED)
ALLOWED_ROUTING: dict[str, frozenset[str]] = {
    RoutingState.SENT: frozenset(
        {RoutingState.ACCEPTED, RoutingState.PASSED_BACK, RoutingState.WITHDRAWN, RoutingState.DONE}
    ),
    RoutingState.ACCEPTED: frozenset(
        {RoutingState.PASSED_BACK, RoutingState.WITHDRAWN, RoutingState.DONE}
    ),
    RoutingState.PASSED_BACK: frozenset(),
    RoutingState.WITHDRAWN: frozenset(),
    # A published answer taken back gives the unit its link again.
    RoutingState.DONE: frozenset({RoutingState.ACCEPTED}),
}


class AnswerState(models.TextChoices):
    """SUBMITTED waits for the desk; WITHDRAWN was taken back and stays for the history."""

    SUBMITTED = "submitted", _("Waiting for the desk")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Taken back")


ALLOWED_ANSWER: dict[str, frozenset[str]] = {
    AnswerState.SUBMITTED: frozenset({AnswerState.PUBLISHED, AnswerState.WITHDRAWN}),
    AnswerState.PUBLISHED: frozenset({AnswerState.WITHDRAWN}),
    AnswerState.WITHDRAWN: frozenset(),
}


class LinkScope(models.TextChoices):
    """What the link in a letter opens; the city's administrator chooses it for each unit."""

    QUESTION = "question", _("One question")
    UNIT = "unit", _("All open questions of the unit")


class UnitKind(models.TextChoices):
    """Police first, then those outside it."""

    LIAISON = "liaison", _("Police public relations")
    PATROL = "patrol", _("Patrol police")
    DISTRICT_POLICE = "district_police", _("District police")
    BEAT_OFFICERS = "beat_officers", _("District officers")
    CYBER = "cyber", _("Cyberpolice")
    LEGAL_AID = "legal_aid", _("Free legal aid")
    LAW_CLINIC = "law_clinic", _("Law clinic")
    COUNCIL = "council", _("City council")
    MUNICIPAL_GUARD = "municipal_guard", _("Municipal guard")
    OTHER = "other", _("Other body")


class Channel(models.TextChoices):
    """How the answer came."""

    LINK = "link", _("by the link")
    PHONE = "phone", _("by phone")
    PAPER = "paper", _("on paper")
