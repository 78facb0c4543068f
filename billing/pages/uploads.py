"""A bank's file on its way in: the upload, and what its columns are."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.bank.statements import files, importing, separated
from billing.bank.statements.columns import Mapping, Part
from billing.bank.statements.importing import Imported, ImportedAlready
from billing.bank.statements.movements import Format
from billing.errors import LedgerRefused
from billing.identifiers import normalised_iban, validate_iban
from billing.models import StatementFile
from billing.pages.fields import MoneyForm
from billing.pages.frame import Crumbs, FormPage, show_form
from billing.reports.tables import Column, Kind, Row, Table

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Rows of a table that a person sees before saying what its columns are.
_SHOWN_ROWS, _SHOWN_MOVEMENTS = 5, 10


class StatementForm(MoneyForm):
    """What is said of the whole file may lead to its first import."""

    def refuse(self, refusal: LedgerRefused) -> None:
        if not isinstance(refusal, ImportedAlready):
            super().refuse(refusal)
            return
        address = reverse("finance:statement", args=[refusal.statement.pk])
        link = format_html('{} <a href="{}">{}</a>', refusal.sentence, address, _("Open it"))
        self.add_error(None, link)


class UploadForm(StatementForm):
    file = forms.FileField(
        label=gettext_lazy("Statement"),
        help_text=gettext_lazy("CSV or CAMT.053 (XML) as the bank gives it, up to 5 MB."),
    )


class ColumnsForm(StatementForm):
    """One choice a part; columns are named as in the file."""

    own_account = forms.CharField(
        label=gettext_lazy("Our account (IBAN), where no column tells it"),
        max_length=42,
        required=False,
        validators=[validate_iban],
    )

    def __init__(self, names: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbered = [(place, name or f"№ {place + 1}") for place, name in enumerate(names)]
        for part in Part:
            self.fields[part.value] = forms.TypedChoiceField(
                label=part.label,
                choices=[("", _("Not in the file")), *numbered],
                coerce=int,
                required=part == Part.DAY,
                empty_value=None,
            )
        self.order_fields([*Part.values, "own_account"])

    def mapping(self) -> Mapping:
        data = self.cleaned_data
        columns = {part: data[part] for part in Part.values if data[part] is not None}
        return Mapping(columns, normalised_iban(data["own_account"]))


def crumbs(*more: tuple[str, str]) -> Crumbs:
    return [
        (_("Bank"), reverse("finance:bank")),
        (_("Bank statements"), reverse("finance:statements")),
        *more,
    ]


@access.staff(Permission.FINANCE)
@GET_OR_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keeps the file until a person has seen what is in it."""
    form = UploadForm(request.POST or None, request.FILES or None)
    page = FormPage(
        title=_("Import a statement"),
        button=_("Look into it"),
        crumbs=crumbs(),
        back=reverse("finance:statements"),
        lines=[_("Nothing is posted by the import: each line waits for your decision.")],
        is_upload=True,
    )

    def act() -> str:
        given = form.cleaned_data["file"]
        if given.size > files.MOST_BYTES:
            raise LedgerRefused(_("The file is larger than 5 MB. Take a shorter period."), "file")
        kept = importing.keep_file(
            by=access.actor_of(request), file_name=given.name, content=given.read()
        )
        return reverse("finance:preview_statement", args=[kept.pk])

    return show_form(request, page, form, act, _("The file is read. Look whether it is right."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What is in the file, and which column is what; then the import."""
    kept = get_object_or_404(StatementFile, pk=pk)
    if kept.statement_id:
        return redirect("finance:statement", pk=kept.statement_id)
    content = bytes(kept.content)
    if files.format_of(content) == Format.CAMT:
        return _preview_camt(request, kept, content)
    return _preview_table(request, kept, content)


def _preview_camt(request: HttpRequest, kept: StatementFile, content: bytes) -> HttpResponse:
    form = StatementForm(request.POST if request.method == "POST" else None)
    reading = files.read(content)
    first = Table(
        "movements",
        _("First movements"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("Other side")),
            Column(_("Purpose")),
            Column(_("Sum"), Kind.MONEY),
        ],
        [
            Row([one.booked_on, one.payer_name or None, one.purpose[:120], one.amount])
            for one in reading.movements[:_SHOWN_MOVEMENTS]
        ],
    )
    number = len(reading.movements)
    said = ngettext("%(number)d movement.", "%(number)d movements.", number) % {"number": number}
    return _import_page(request, kept, form, lambda: None, first, [said])


def _preview_table(request: HttpRequest, kept: StatementFile, content: bytes) -> HttpResponse:
    sheet = separated.sheet_of(files.text_of(content))
    known = importing.mapping_for(sheet)
    initial = {**known.columns, "own_account": known.account}
    form = ColumnsForm(sheet.names, request.POST or None, initial=initial)
    first = Table(
        "rows",
        _("First lines of the file"),
        [Column(name or f"№ {place}") for place, name in enumerate(sheet.names, start=1)],
        [
            Row(
                [
                    cell.strip()[:60]
                    for cell in (cells + [""] * len(sheet.names))[: len(sheet.names)]
                ]
            )
            for _line, cells in sheet.rows[:_SHOWN_ROWS]
        ],
    )
    lines = [_("Check which column is what. It is remembered for the next file like this.")]
    return _import_page(request, kept, form, form.mapping, first, lines)


def _import_page(
    request: HttpRequest,
    kept: StatementFile,
    form: StatementForm,
    mapping: Any,
    first: Table,
    lines: list[str],
) -> HttpResponse:
    """The form above the first rows; a refusal stands at the column that it is about."""
    page = FormPage(
        title=_("Import of %(name)s") % {"name": kept.file_name},
        button=_("Import"),
        crumbs=crumbs(),
        back=reverse("finance:statements"),
        lines=lines,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = importing.import_statement(
                by=access.actor_of(request),
                file_name=kept.file_name,
                content=bytes(kept.content),
                mapping=mapping(),
            )
        except LedgerRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _what_came(made))
            return redirect("finance:statement", pk=made.statement.pk)
    status = 422 if form.is_bound else 200
    context = {"page": page, "form": form, "table": first}
    return render(request, "billing/pages/import.html", context, status=status)


def _what_came(made: Imported) -> str:
    said = ngettext(
        "%(number)d line waits for a decision.", "%(number)d lines wait for a decision.", made.added
    ) % {"number": made.added}
    if not made.skipped:
        return said
    skipped = ngettext(
        "%(number)d movement had come before.",
        "%(number)d movements had come before.",
        made.skipped,
    ) % {"number": made.skipped}
    return f"{said} {skipped}"
