"""Secret links of units: what a link opens, and who may act by it. And the link of a test letter.

A letter's link opens its question. Where the city's administrator allows it for the unit, the same
link with a dot and the number of another routing behind it opens that routing too; nothing is
stored for it, so the letter's link ends all of it. A colleague's link opens one question alone.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.crypto import constant_time_compare

from bezpechne.kernel import tokens
from bezpechne.kernel.actors import Actor, ActorKind
from community.answers.models import Pass, Routing, Unit
from community.answers.states import LinkScope

PURPOSE, PASSED = "routing", "pass"
# Between the letter's link and the number of another routing; no token has it.
DOT = "."
# Longer numbers are no ids of ours.
_DIGITS = 18


def token(routing: Routing) -> str:
    """The link in force, as in the unit's letter."""
    return tokens.make(PURPOSE, routing.pk, routing.version)


def pass_token(passed: Pass) -> str:
    """A colleague's own link."""
    return tokens.make(PASSED, passed.pk, 1)


def stamp(routing: Routing) -> None:
    """Stores the hash of the link in force; the caller saves."""
    routing.token_hash = tokens.hashed(token(routing))


@dataclass(frozen=True)
class Door:
    """What a link leads to.

    `letter` is the routing whose link it is: `routing` itself, but for the unit's other questions.
    `passed` is set for the link of a colleague.
    """

    text: str
    routing: Routing
    letter: Routing
    passed: Pass | None = None

    @property
    def actor(self) -> Actor:
        """Whoever holds the link, by the routing of its letter."""
        return Actor(ActorKind.UNIT, self.letter.pk)

    @property
    def trace(self) -> dict[str, Any]:
        """What the history says about a link that is not the question's own."""
        if self.passed:
            return {"pass": self.passed.pk}
        return {} if self.letter.pk == self.routing.pk else {"link_of": self.letter.question_id}


def own_door(routing: Routing) -> Door:
    """The link of the routing's own letter."""
    return Door(token(routing), routing, routing)


def find(text: str) -> Door | None:
    """The door behind a link, whatever its state; None for any other text."""
    base, dot, number = text.partition(DOT)
    letter = routing_by(base)
    if letter is None:
        return None if dot else _passed_door(text)
    if not dot:
        return Door(text, letter, letter)
    other = _other(letter, number)
    return Door(text, other, letter) if other else None


def _rows() -> Any:
    return Routing.objects.select_related("question", "question__topic", "unit")


def routing_by(text: str) -> Routing | None:
    """The routing behind a letter's link, whatever its state; None for any other text."""
    found: Routing | None = _rows().filter(token_hash=tokens.hashed(text)).first()
    return found


def _passed_door(text: str) -> Door | None:
    passed = Pass.objects.filter(token_hash=tokens.hashed(text), taken_back_at=None).first()
    if passed is None:
        return None
    routing = _rows().get(pk=passed.routing_id)
    return Door(text, routing, routing, passed)


def _other(letter: Routing, number: str) -> Routing | None:
    """Another question of the same unit, where its links may open it."""
    if not (number.isascii() and number.isdigit()) or len(number) > _DIGITS:
        return None
    if letter.unit.link_scope != LinkScope.UNIT:
        return None
    others = _rows().filter(shown_by(letter), unit_id=letter.unit_id)
    found: Routing | None = others.filter(pk=int(number)).first()
    return found


def shown_by(letter: Routing) -> Q:
    """A letter may be forwarded: private questions of the unit are opened by their own alone."""
    return Q(question__is_private=False) | Q(pk=letter.pk)


def usable(routing: Routing) -> bool:
    """Open, not expired, and the question is still to be answered or shown."""
    return routing.is_open and not routing.expired and routing.question.is_live


def opens(door: Door) -> bool:
    """Whether the link still shows its question; the letter's link ends what it opened besides."""
    return usable(door.routing) and usable(door.letter)


def holder(routing: Routing) -> Pass | None:
    """The colleague who has the question now; None while it is the unit's mailbox."""
    return routing.passes.filter(taken_back_at=None).order_by("-pk").first()


def acts(door: Door) -> bool:
    """Whether whoever has the link may do more than read: the question was not passed on."""
    current = holder(door.routing)
    return opens(door) and (current.pk if current else None) == (
        door.passed.pk if door.passed else None
    )


def opens_others(door: Door) -> bool:
    """Whether the link shows the unit's other questions; a colleague's never does."""
    return door.passed is None and door.letter.unit.link_scope == LinkScope.UNIT


def other_text(door: Door, routing: Routing) -> str:
    """The same letter's link, for another question of the unit."""
    base = token(door.letter)
    return base if routing.pk == door.letter.pk else f"{base}{DOT}{routing.pk}"


def address_token(unit: Unit) -> str:
    """What only a reader of the unit's mailbox knows; another address makes another one."""
    return tokens.make(f"unit_address.{unit.email}", unit.pk, 0)


def confirms_address(unit: Unit, text: str) -> bool:
    """Whether the link is of the address that the unit has now."""
    return bool(unit.email) and constant_time_compare(address_token(unit), text)


def address_mark(unit: Unit) -> str:
    """Tells confirmations of one address from those of the next, and says nothing about it."""
    return tokens.hashed(address_token(unit))[:16]
