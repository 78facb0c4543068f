"""Units as a table: out, and in after a look at what would change."""

import csv
from collections.abc import Iterator
from io import StringIO
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.spreadsheets import guarded
from community.administration.unit_forms import UnitFileForm
from community.answers.actions import unit_import as actions
from community.answers.models import Unit, UnitFile
from community.answers.unit_columns import ACTIVE, HEADINGS, KIND, PARENT, TEXTS, heading
from community.answers.unit_files import FileRefused, read
from community.answers.unit_plan import plan_of

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Of each kind of line on the preview.
SHOWN = 100


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def send(request: HttpRequest) -> HttpResponse:
    """The file is checked here; the next page shows what it would change."""
    form = UnitFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = actions.keep_file(
                by=access.actor_of(request), name=file.name, content=file.read()
            )
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("administration:unit_file", key=kept.key)
    context = {"form": form, "columns": [heading(column) for column in HEADINGS]}
    status = 422 if request.method == "POST" else 200
    return render(request, "administration/units_send.html", context, status=status)


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def look(request: HttpRequest, key: UUID) -> HttpResponse:
    """What would change, line by line; POST writes it."""
    file = get_object_or_404(UnitFile, key=key)
    if request.method == "POST":
        return _take(request, file)
    sheet = read(file.text)
    plan = plan_of(sheet)
    context = {
        "file": file,
        "sheet": sheet,
        "plan": plan,
        "new": plan.new[:SHOWN],
        "changed": plan.changed[:SHOWN],
        "faults": plan.faults[:SHOWN],
    }
    return render(request, "administration/units_look.html", context)


def _take(request: HttpRequest, file: UnitFile) -> HttpResponse:
    try:
        taken = actions.take_file(by=access.actor_of(request), file=file)
    except FileRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _told(taken))
    return redirect("desk:units")


def _told(taken: actions.Taken) -> str:
    new = ngettext("%(n)d new unit", "%(n)d new units", taken.created) % {"n": taken.created}
    changed = ngettext("%(n)d changed", "%(n)d changed ones", taken.changed) % {"n": taken.changed}
    return _("Written: %(new)s, %(changed)s.") % {"new": new, "changed": changed}


@access.staff(Permission.ADMINISTER)
@require_POST
def drop(request: HttpRequest, key: UUID) -> HttpResponse:
    file = get_object_or_404(UnitFile, key=key)
    actions.drop_file(by=access.actor_of(request), file=file)
    messages.info(request, _("Nothing has changed."))
    return redirect("desk:units")


@access.staff(Permission.ADMINISTER)
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All units with every column, as the import reads them; written as it is read."""
    # Read at once: the request's city is left before the server asks for the first line.
    units = list(Unit.objects.select_related("parent"))
    response = StreamingHttpResponse(
        _lines(units, translation.get_language() or "uk"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="units.csv"'
    return response


def _lines(units: list[Unit], language: str) -> Iterator[bytes]:
    """The language of the request is no longer in force when the server asks for the rows."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    with translation.override(language):
        rows = [[heading(column) for column in HEADINGS]]
        rows += [[_cell(unit, column) for column in HEADINGS] for unit in units]
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > 60_000:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(unit: Unit, column: str) -> str:
    if column in TEXTS:
        return guarded(getattr(unit, column))
    if column == KIND:
        return unit.get_kind_display()
    if column == PARENT:
        return guarded(unit.parent.name_uk) if unit.parent else ""
    return (_("yes") if unit.is_active else _("no")) if column == ACTIVE else ""
