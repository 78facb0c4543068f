"""The ledger's own hand: jobs and commands that a person has started or scheduled."""

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor, ActorKind

LEDGER = Actor(ActorKind.SYSTEM, permissions=frozenset({Permission.FINANCE, Permission.LEDGER}))
