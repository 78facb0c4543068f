"""Secret links after a move: derived from SECRET_KEY and the schema's name (decisions/0002)."""

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.utils.crypto import salted_hmac

from bezpechne.accounts.models import Invitation
from bezpechne.kernel import tokens
from community.answers import links as unit_links
from community.answers.models import Pass, Routing
from community.questions import links
from community.questions.models import Asker

BATCH = 2000
# By model: each stored hash, and how the token behind it is made.
_STORED: dict[type[models.Model], dict[str, Callable[[Any], str]]] = {
    Asker: {
        "confirm_hash": links.confirm_token,
        "pending_hash": links.pending_token,
        "follow_hash": links.follow_token,
    },
    Routing: {"token_hash": unit_links.token},
    Pass: {"token_hash": unit_links.pass_token},
    Invitation: {"token_hash": lambda row: tokens.make("invitation", row.pk, row.version)},
}


def key_check() -> str:
    """Equal on installations with one SECRET_KEY; tells nothing else about it."""
    return salted_hmac("bezpechne.portability", "key", algorithm="sha256").hexdigest()[:32]


def stamp_again() -> int:
    """Stores the hashes that this installation's letters need; returns how many links died.

    Called inside the city. Without it a reminder would carry a link that opens nothing.
    """
    changed = 0
    for model, fields in _STORED.items():
        last = 0
        while rows := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = rows[-1].pk
            for field, token in fields.items():
                pairs = [(row.pk, tokens.hashed(token(row))) for row in rows if getattr(row, field)]
                changed += _store(model, field, pairs)
    return changed


def _store(model: type[models.Model], field: str, pairs: list[tuple[int, str]]) -> int:
    if not pairs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" t SET "{field}" = v.hash'
            " FROM unnest(%s::bigint[], %s::text[]) AS v (id, hash)"
            f' WHERE t.id = v.id AND t."{field}" <> v.hash',
            [[key for key, _hash in pairs], [text for _key, text in pairs]],
        )
        return int(cursor.rowcount)
