"""The unit's secret link: opens one question, expires, can be revoked. And the link of a test letter."""

from django.utils.crypto import constant_time_compare

from bezpechne.kernel import tokens
from community.answers.models import Routing, Unit

PURPOSE = "routing"


def token(routing: Routing) -> str:
    """The link in force."""
    return tokens.make(PURPOSE, routing.pk, routing.version)


def stamp(routing: Routing) -> None:
    """Stores the hash of the link in force; the caller saves."""
    routing.token_hash = tokens.hashed(token(routing))


def routing_by(text: str) -> Routing | None:
    """The routing behind a link, whatever its state; None for any other text."""
    rows = Routing.objects.select_related("question", "question__topic", "unit")
    return rows.filter(token_hash=tokens.hashed(text)).first()


def usable(routing: Routing) -> bool:
    """Open, not expired, and the question is still public."""
    return routing.is_open and not routing.expired and routing.question.is_public


def address_token(unit: Unit) -> str:
    """What only a reader of the unit's mailbox knows; another address makes another one."""
    return tokens.make(f"unit_address.{unit.email}", unit.pk, 0)


def confirms_address(unit: Unit, text: str) -> bool:
    """Whether the link is of the address that the unit has now."""
    return bool(unit.email) and constant_time_compare(address_token(unit), text)


def address_mark(unit: Unit) -> str:
    """Tells confirmations of one address from those of the next, and says nothing about it."""
    return tokens.hashed(address_token(unit))[:16]
