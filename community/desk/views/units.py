"""Units and their contacts."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.seen import ChangedMeanwhile, mark
from community.answers.actions import units as actions
from community.answers.forms import UnitForm
from community.answers.models import Unit
from community.answers.states import UnitKind
from community.answers.unit_field import FIND, unchecked
from community.answers.unit_lists import Wanted, listed
from community.answers.unit_search import MAX_WORDS, OFFERED, SETS, label_of, with_words
from community.desk.comparing import differences

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.ADMINISTER)
@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """As a tree; filtered ones, and more than a tree can show, as a list by name."""
    asked = {name: request.GET.get(name, "")[:100] for name in ("text", "kind", "state")}
    wanted = Wanted(**asked, after=request.GET.get("after", "")[:230])
    found = listed(wanted)
    query = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "found": found,
        "wanted": wanted,
        "kinds": UnitKind.choices,
        "older_url": f"?{query}&after={quote(found.older)}" if found.older else "",
        "newer_url": f"?{query}" if wanted.after else "",
    }
    return render(request, "desk/units.html", context)


@access.staff(Permission.MODERATE)
@require_safe
def find_units(request: HttpRequest) -> JsonResponse:
    """What the search of a form finds while somebody types: numbers and names."""
    units = SETS.get(request.GET.get("of", ""), SETS["active"])()
    rows = list(with_words(units, request.GET.get("q", "")[:MAX_WORDS])[: OFFERED + 1])
    found = [[row.pk, label_of(row)] for row in rows[:OFFERED]]
    return JsonResponse({"units": found, "more": len(rows) > OFFERED})


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def new_unit(request: HttpRequest) -> HttpResponse:
    return _edit(request, Unit())


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def edit_unit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Unit, pk=pk))


def _edit(request: HttpRequest, unit: Unit) -> HttpResponse:
    values = actions.values_of(unit)
    if request.method != "POST":
        return _form(request, UnitForm(initial={**values, "seen": mark(values)}), unit)
    form = UnitForm(data := request.POST.copy())
    if FIND in request.POST:
        unchecked(form)
    elif form.is_valid():
        try:
            actions.save_unit(
                by=access.actor_of(request),
                unit=unit,
                values=form.cleaned_data,
                seen=form.cleaned_data["seen"] or None,
            )
        except ChangedMeanwhile as refusal:
            form.add_error(None, str(refusal))
            data["seen"] = mark(values)
            return _form(request, form, unit, differences(form, values))
        except actions.UnitRefused as refusal:
            form.add_error("parent", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:units")
    return _form(request, form, unit)


def _form(
    request: HttpRequest,
    form: UnitForm,
    unit: Unit,
    saved: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    context = {"form": form, "unit": unit, "saved": saved}
    return render(request, "desk/unit.html", context, status=422 if form.is_bound else 200)


def _act(request: HttpRequest, done: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except actions.UnitRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("desk:units")


@access.staff(Permission.ADMINISTER)
@require_POST
def make_liaison(request: HttpRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit, pk=pk)
    return _act(
        request,
        _("New questions go to this unit by default."),
        lambda: actions.make_liaison(by=access.actor_of(request), unit=unit),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit, pk=pk)
    active = request.POST.get("active") == "1"
    done = _("The unit is active.") if active else _("The unit gets no new questions.")
    return _act(
        request,
        done,
        lambda: actions.set_unit_active(by=access.actor_of(request), unit=unit, active=active),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def test_mail(request: HttpRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit, pk=pk)
    return _act(
        request,
        _("A test letter is on its way."),
        lambda: actions.send_test_mail(by=access.actor_of(request), unit=unit),
    )
