"""Units and their contacts."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.answers.actions import units as actions
from community.answers.forms import UnitForm
from community.answers.models import Unit

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.ADMINISTER)
@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """All of them in Ukrainian order, inactive ones last."""
    rows = Unit.objects.order_by("-is_active", "-is_liaison", "name_sort", "id")
    return render(request, "desk/units.html", {"units": rows})


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def new_unit(request: HttpRequest) -> HttpResponse:
    return _edit(request, Unit())


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def edit_unit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Unit, pk=pk))


def _edit(request: HttpRequest, unit: Unit) -> HttpResponse:
    form = UnitForm(request.POST or None, initial=_values(unit))
    if request.method == "POST" and form.is_valid():
        actions.save_unit(by=access.actor_of(request), unit=unit, values=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("desk:units")
    status = 422 if form.is_bound else 200
    return render(request, "desk/unit.html", {"form": form, "unit": unit}, status=status)


def _values(unit: Unit) -> dict[str, str]:
    return {field: getattr(unit, field) for field in actions.FIELDS}


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
