"""One act on many ticked questions, its result line by line, and its undo."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.query_strings import number_of
from community.answers.unit_field import FIND, unchecked
from community.answers.unit_search import MAX_WORDS
from community.desk import queries
from community.desk.actions import bulk as actions
from community.desk.filters import Filters
from community.desk.forms import BulkUnitForm
from community.desk.models import Batch
from community.questions.states import StateChangeRefused

Act = Callable[[Actor, UUID, list[int]], Batch | None]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _numbers(given: list[str]) -> list[int]:
    return [int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 19]


def _queue(request: HttpRequest, more: dict[str, str] | None = None) -> HttpResponse:
    """The same list as before, with the result of an act or what a search for a unit needs."""
    query = Filters.read(request.GET).query()
    if more:
        query += f"{'&' if query else '?'}{urlencode(more)}"
    return redirect(f"{reverse('desk:queue')}{query}")


def _act(request: HttpRequest) -> tuple[Act | None, str]:
    """What the pressed button does, or why it cannot."""
    pressed = request.POST.get("act", "")
    if pressed == actions.SPAM:
        return lambda by, key, numbers: actions.reject_spam(by=by, key=key, numbers=numbers), ""
    if pressed == actions.ASSIGN:
        chosen = number_of(request.POST, "person")
        person = User.objects.filter(pk=chosen, is_active=True).first() if chosen else None
        if chosen and person is None:
            return None, _("This person does not work at the desk any more.")
        return (
            lambda by, key, numbers: actions.assign_many(
                by=by, key=key, numbers=numbers, person=person
            ),
            "",
        )
    if pressed == actions.ROUTE:
        form = BulkUnitForm(request.POST)
        if not form.is_valid():
            return None, str(form.errors["unit"][0])
        unit = form.cleaned_data["unit"]
        return (
            lambda by, key, numbers: actions.route_many(by=by, key=key, numbers=numbers, unit=unit),
            "",
        )
    return None, _("Choose what to do with the ticked questions.")


@access.staff(Permission.MODERATE)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Sent twice, it acts once: the form's key stands in the result."""
    key, numbers = _key(request.POST.get("key", "")), _numbers(request.POST.getlist("number"))
    words, ticked = request.POST.get("unit-words", ""), "-".join(map(str, numbers))
    unit_typed = {"to": words[:MAX_WORDS], "ticked": ticked}
    if FIND in request.POST:
        return _queue(request, unit_typed)
    act, why = _act(request)
    if not numbers:
        why = _("Tick the questions first.")
    if act is None or key is None or not numbers:
        messages.error(request, why or _("The page was out of date. Try again."))
        return _queue(request, unit_typed if words else None)
    batch = act(access.actor_of(request), key, numbers)
    return _queue(request, {"batch": str(batch.key)} if batch else None)


@access.staff(Permission.MODERATE)
@require_POST
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Brings rejected spam back."""
    batch = get_object_or_404(Batch, key=key)
    try:
        back, refused = actions.undo(by=access.actor_of(request), batch=batch)
    except StateChangeRefused as refusal:
        messages.error(request, str(refusal))
        return _queue(request)
    words = ngettext(
        "%(n)d question is in the queue again.",
        "%(n)d questions are in the queue again.",
        len(back),
    )
    messages.success(request, words % {"n": len(back)})
    for number, sentence in refused:
        messages.warning(request, f"№ {number}: {sentence}")
    return _queue(request)


def bulk_unit(request: HttpRequest) -> dict[str, Any]:
    """Where ticked questions can be sent, as far as somebody without scripts has looked for it."""
    words = request.GET.get("to", "")
    form = BulkUnitForm({"unit-words": words} if words else None, auto_id="bulk-%s")
    if words:
        unchecked(form)
    ticked = request.GET.get("ticked", "").split("-")[: queries.PAGE]
    return {"bulk_unit": form, "ticked": set(_numbers(ticked))}


def result_of(request: HttpRequest) -> dict[str, Any]:
    """What the page says about the act that led to it."""
    key = _key(request.GET.get("batch", ""))
    batch = Batch.objects.filter(key=key).first() if key else None
    if batch is None:
        return {}
    return {
        "batch": batch,
        "may_undo": actions.may_undo(batch),
        "undo_until": batch.at + actions.UNDO,
    }
