"""The operators' list of templates, and one template."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.answers.states import UnitKind
from provisioning.city_templates import actions
from provisioning.city_templates.contents import Contents
from provisioning.city_templates.forms import NameForm, TemplateForm, written
from provisioning.city_templates.queries import contents_of, is_original, listed
from provisioning.models import CityTemplate

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.OPERATE)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """All of them with how many cities each has made."""
    return render(request, "provisioning/templates/list.html", {"templates": listed()})


def _contents(code: str) -> Contents:
    try:
        return contents_of(code)
    except LookupError:
        raise Http404 from None


@access.staff(Permission.OPERATE)
@GET_OR_POST
def edit_template(request: HttpRequest, code: str) -> HttpResponse:
    """One template; cities that exist keep what they have."""
    row = get_object_or_404(CityTemplate, code=code)
    names = {"name_uk": row.name_uk, "name_en": row.name_en}
    form = TemplateForm(request.POST or None, initial={**names, **written(_contents(code))})
    if request.method == "POST" and form.is_valid():
        actions.save(
            by=access.actor_of(request),
            template=row,
            contents=form.contents(),
            name_uk=form.cleaned_data["name_uk"],
            name_en=form.cleaned_data["name_en"],
        )
        messages.success(request, _("Saved. Cities made from now on start with this."))
        return redirect("platform:templates")
    context = {
        "form": form,
        "row": row,
        "kinds": UnitKind.choices,
        "changed": row.is_built_in and not is_original(row),
    }
    status = 422 if form.is_bound else 200
    return render(request, "provisioning/templates/edit.html", context, status=status)


@access.staff(Permission.OPERATE)
@GET_OR_POST
def copy_template(request: HttpRequest, code: str) -> HttpResponse:
    """A copy under a name of its own, then opened to be changed."""
    row = get_object_or_404(CityTemplate, code=code)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        copied = actions.copy(
            by=access.actor_of(request), contents=_contents(code), **form.cleaned_data
        )
        messages.success(request, _("Copied. Change what differs."))
        return redirect("platform:edit_template", copied.code)
    context = {"form": form, "row": row}
    status = 422 if form.is_bound else 200
    return render(request, "provisioning/templates/copy.html", context, status=status)


@access.staff(Permission.OPERATE)
@require_POST
def restore_template(request: HttpRequest, code: str) -> HttpResponse:
    """The original of a built-in template."""
    get_object_or_404(CityTemplate, code=code)
    try:
        actions.restore(by=access.actor_of(request), code=code)
    except actions.TemplateRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The original is restored."))
    return redirect("platform:templates")


@access.staff(Permission.OPERATE)
@require_POST
def delete_template(request: HttpRequest, code: str) -> HttpResponse:
    """A copy that no city was made of."""
    row = get_object_or_404(CityTemplate, code=code)
    try:
        actions.delete(by=access.actor_of(request), template=row)
    except actions.TemplateRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The template is deleted."))
    return redirect("platform:templates")
