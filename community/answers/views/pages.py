"""What a unit reads: the question, its other questions, the receipt, a dead link."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from community.answers import links, queries
from community.answers.actions.drafting import base_of
from community.answers.actions.passing import MOST, domain_of, takeable
from community.answers.actions.routing import may_want_link
from community.answers.forms import AnswerForm, PassBackForm, PassOnForm
from community.answers.models import Answer, Draft, Routing


def door_or_404(token: str) -> links.Door:
    """Raises Http404 for a text that never was a link of this city."""
    door = links.find(token)
    if door is None:
        raise Http404
    return door


def _initial(row: Answer | Draft | None) -> dict[str, str]:
    if row is None:
        return {}
    return {"text": row.text, "competence": row.competence, "next_step": row.next_step}


def _forms(
    routing: Routing, written: Answer | Draft | None, bound: dict[str, Any]
) -> dict[str, Any]:
    blank = {
        "form": AnswerForm(initial=_initial(written)),
        "pass_form": PassBackForm(prefix="pass"),
        "colleague_form": PassOnForm(prefix="colleague", domain=domain_of(routing.unit.email)),
    }
    return {**blank, **bound}


def show(
    request: HttpRequest, door: links.Door, *, status: int = 200, **bound: Any
) -> HttpResponse:
    """The page of a link; `bound` are forms that came back with mistakes."""
    if not links.opens(door):
        return dead(request, door)
    routing = door.routing
    answer, draft = queries.own_answer(routing), queries.draft_of(routing)
    note = "" if answer else queries.sent_back_note(routing)
    sent_back = queries.last_answer(routing) if note else None
    acts = links.acts(door)
    context = {
        # A draft is newer than the answer that it corrects.
        **_forms(routing, draft or answer or sent_back, bound),
        "token": door.text,
        "door": door,
        "routing": routing,
        "question": routing.question,
        "resident_name": queries.resident_name(routing),
        "photos": [photo for photo in routing.question.photos.all() if photo.is_public],
        "answer": answer,
        "draft": draft if acts else None,
        "draft_base": base_of(routing),
        "sent_back_note": note,
        "acts": acts,
        "holder": links.holder(routing),
        "takeable": takeable(door),
        "passes_left": MOST - routing.passes.count(),
        "others": queries.count_others(door),
        "opened_form": next(iter(bound), ""),
    }
    return render(request, "answers/page.html", context, status=status)


def dead(request: HttpRequest, door: links.Door | None, status: int = 410) -> HttpResponse:
    """Why the link opens nothing, and what can be done about it."""
    # The question's own end says more than the end of the letter whose link showed it.
    routing = (door.routing if not door.routing.is_open else door.letter) if door else None
    context = {
        "routing": routing,
        "token": door.text if door else "",
        "may_want": bool(door and may_want_link(door.letter)),
    }
    return render(request, "answers/link_dead.html", context, status=status)


@access.by_link()
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The question, and everything the unit can do about it.

    A link that a newer letter replaced is not known any more: it gets the same page as a dead one.
    """
    door = links.find(token)
    return show(request, door) if door else dead(request, None)


@access.by_link()
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """«Надіслано модератору»: what was sent and when, for the unit's own files."""
    door = door_or_404(token)
    if not links.opens(door):
        return dead(request, door)
    answer = queries.own_answer(door.routing)
    if answer is None:
        return redirect("answers:page", token)
    context = {
        "token": token,
        "routing": door.routing,
        "question": door.routing.question,
        "answer": answer,
        "acts": links.acts(door),
        "others": queries.count_others(door),
    }
    return render(request, "answers/receipt.html", context)


@access.by_link()
@require_safe
def others(request: HttpRequest, token: str) -> HttpResponse:
    """Open questions of the same unit, oldest first; where the city lets its links show them."""
    door = door_or_404(token)
    if not links.opens(door):
        return dead(request, door)
    if not links.opens_others(door):
        raise Http404
    rows, after = queries.others_page(door, request.GET.get("after", ""))
    context = {"token": token, "door": door, "rows": rows, "after": after}
    return render(request, "answers/others.html", context)
