"""The desk's one search box: a number, words of a question, a resident's name or address.

What is typed may be personal: it comes by POST, stands in the session, and the address of the page
holds a key that says nothing.
"""

import secrets
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from community.questions.models import Asker, Question
from community.questions.states import QuestionState
from community.questions.words import looked_for, to_match

# People found by name or address: their newest questions.
MOST_PEOPLE = 500
KEPT = 10
_SESSION = "desk_searches"


def keep(request: HttpRequest, text: str) -> str:
    """Remembers a search of this visitor; returns its key."""
    searches: dict[str, str] = request.session.get(_SESSION, {})
    key = next((key for key, known in searches.items() if known == text), "")
    if not key:
        key = secrets.token_urlsafe(6)
        searches[key] = text
        request.session[_SESSION] = dict(list(searches.items())[-KEPT:])
    return key


def kept(request: HttpRequest, key: str) -> str:
    """What this visitor looked for; blank for a key of nobody's or one that is over."""
    searches: dict[str, Any] = request.session.get(_SESSION, {})
    return str(searches.get(key, ""))


def known() -> QuerySet[Question]:
    """Questions that the desk may see: confirmed ones."""
    return Question.objects.exclude(state=QuestionState.UNCONFIRMED)


def questions_with(text: str) -> QuerySet[Question]:
    """Questions that a text finds, in no order. Cost is bounded by the indexes of three columns."""
    if "@" in text.lstrip("@ "):
        return known().filter(pk__in=_of_askers(Q(email__startswith=text.lower())))
    wanted = looked_for(text)
    if wanted is None:
        return Question.objects.none()
    named = Asker.objects.alias(words=to_match("name")).filter(words=wanted)
    people = list(
        named.order_by("-question_id").values_list("question_id", flat=True)[:MOST_PEOPLE]
    )
    columns = to_match("text", "public_text", "place", "public_place")
    return known().alias(words=columns).filter(Q(words=wanted) | Q(pk__in=people))


def _of_askers(condition: Q) -> list[int]:
    rows = Asker.objects.filter(condition).order_by("-question_id")
    return list(rows.values_list("question_id", flat=True)[:MOST_PEOPLE])
