"""Bank statements: the list, one with its lines, and many lines confirmed together."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.bank import deciding
from billing.bank.statements.lines import (
    ASIDE,
    POSTED,
    STATES,
    UNDECIDED,
    counted,
    counts,
    state_of,
)
from billing.bank.suggested import Suggestion
from billing.bank.suggestions import suggest
from billing.errors import LedgerRefused
from billing.models import BankStatement, StatementLine
from billing.output.delimited import separated
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.pages.suggestion_words import said
from billing.pages.uploads import crumbs
from billing.reports.files import File, answered
from billing.reports.pages import PAGE, Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def state_labels() -> dict[str, str]:
    return {UNDECIDED: _("undecided"), POSTED: _("posted"), ASIDE: _("set aside")}


def title_of(row: BankStatement) -> str:
    """«Statement of 01.10.2026 – 31.10.2026»."""
    if row.first_day is None or row.last_day is None:
        return _("Statement № %(number)d") % {"number": row.pk}
    days = day_text(row.first_day)
    if row.last_day != row.first_day:
        days = f"{days} – {day_text(row.last_day)}"
    return _("Statement of %(days)s") % {"days": days}


@access.staff(Permission.LEDGER)
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """All statements with what is left to decide; two queries a page."""
    pages = Pages(page_number(request.GET), BankStatement.objects.count(), address_of())
    table = Table(
        "statements",
        _("Bank statements"),
        [
            Column(_("Days")),
            Column(_("Account")),
            Column(_("Imported on"), Kind.DAY),
            Column(_("Undecided"), Kind.NUMBER),
            Column(_("Posted"), Kind.NUMBER),
            Column(_("Set aside"), Kind.NUMBER),
            Column(_("Had come before"), Kind.NUMBER),
        ],
        [
            Row(
                [
                    title_of(row),
                    row.account_iban or None,
                    row.imported_at.date(),
                    row.undecided,
                    row.posted,
                    row.aside,
                    row.skipped,
                ],
                reverse("finance:statement", args=[row.pk]),
            )
            for row in counted()[pages.offset : pages.offset + pages.size]
        ],
    )
    new = reverse("finance:upload_statement")
    may = access.may(request, Permission.FINANCE)
    page = Shown(
        title=_("Bank statements"),
        crumbs=[(_("Bank"), reverse("finance:bank"))],
        lead=_("Nothing is posted by itself: each line waits for a person."),
        actions=[Action(_("Import a statement"), new, is_main=True)] if may else [],
        tables=[table],
        pages=pages,
        empty=None if table.rows else Empty(_("No statement was imported yet")),
    )
    return show(request, page)


@dataclass(frozen=True)
class LineRow:
    """`suggestion`: the first one. A certain one may be ticked."""

    line: StatementLine
    state: str
    suggestion: Suggestion | None = None

    @property
    def sum_text(self) -> str:
        text = money_text(self.line.amount)
        return text if self.line.currency == "UAH" else f"{text[:-4]} {self.line.currency}"

    @property
    def words(self) -> str:
        return said(self.suggestion) if self.suggestion else ""

    @property
    def is_certain(self) -> bool:
        return self.suggestion is not None and self.suggestion.certain


@access.staff(Permission.LEDGER)
@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines of one statement, what is undecided first; the same queries at any number of lines."""
    row = get_object_or_404(BankStatement, pk=pk)
    numbers = counts(row)
    which = request.GET.get("which", "")
    if which not in {*STATES, "all"}:
        which = UNDECIDED if numbers[UNDECIDED] else "all"
    total = sum(numbers.values())
    pages = Pages(page_number(request.GET), numbers.get(which, total), address_of(which=which))
    found = row.lines.select_related("payment").order_by("number")
    found = found.filter(STATES.get(which, STATES[UNDECIDED])) if which != "all" else found
    shown = list(found[pages.offset : pages.offset + pages.size])
    rows_shown = _rows(shown)
    labels = {**state_labels(), "all": _("all")}
    context = {
        "statement": row,
        "title": title_of(row),
        "crumbs": crumbs(),
        "progress": _("%(done)d of %(total)d lines are decided.")
        % {"done": total - numbers[UNDECIDED], "total": total},
        "filters": [
            Filter(label, f"?which={key}", key == which, numbers.get(key, total))
            for key, label in labels.items()
        ],
        "rows": rows_shown,
        "pages": pages,
        # Boxes and their button are there for what may be ticked alone.
        "has_certain": access.may(request, Permission.FINANCE)
        and any(line.is_certain for line in rows_shown),
    }
    return render(request, "billing/pages/statement.html", context)


def _rows(lines: list[StatementLine]) -> list[LineRow]:
    labels = state_labels()
    suggestions = suggest([line for line in lines if state_of(line) == UNDECIDED])
    return [
        LineRow(line, labels[state_of(line)], next(iter(suggestions.get(line.pk, ())), None))
        for line in lines
    ]


@access.staff(Permission.LEDGER)
@require_safe
def lines_file(request: HttpRequest, pk: int) -> HttpResponse:
    """All lines with what was decided, as separated text."""
    row = get_object_or_404(BankStatement, pk=pk)
    labels = state_labels()
    table = Table(
        "lines",
        _("Lines"),
        [
            Column(_("Line"), Kind.NUMBER),
            Column(_("Day"), Kind.DAY),
            Column(_("Sum"), Kind.MONEY),
            Column(_("Currency")),
            Column(_("Other side")),
            Column(_("EDRPOU code")),
            Column(_("Account")),
            Column(_("Purpose")),
            Column(_("Number of the payment")),
            Column(_("State")),
            Column(_("Payment"), Kind.NUMBER),
            Column(_("Reason")),
        ],
        [
            Row(
                [
                    *(line.number, line.booked_on, line.amount, line.currency, line.payer_name),
                    *(line.payer_edrpou, line.payer_iban, line.purpose, line.reference),
                    labels[state_of(line)],
                    line.payment.pk if state_of(line) == POSTED else None,
                    line.set_aside_reason,
                ]
            )
            for line in row.lines.select_related("payment").order_by("number")
        ],
    )
    head = [(_("Bank statement"), title_of(row)), (_("Account"), row.account_iban)]
    file = File(separated(head, [table]), "text/csv; charset=utf-8", "csv")
    return answered(file, f"statement-{row.pk}")


# --- Many at once ---------------------------------------------------------------------------------


@access.staff(Permission.FINANCE)
@GET_OR_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """What was ticked, to be read once more; then each line in a transaction of its own."""
    row = get_object_or_404(BankStatement, pk=pk)
    back = reverse("finance:statement", args=[row.pk])
    if request.method == "POST":
        _post_all(request, row, request.POST.getlist("chosen")[:PAGE])
        return redirect(back)
    keys = [int(text) for text in request.GET.getlist("line")[:PAGE] if _is_key(text)]
    lines = row.lines.filter(STATES[UNDECIDED], pk__in=keys).select_related("payment")
    rows = [one for one in _rows(list(lines.order_by("number"))) if one.is_certain]
    context = {
        "title": _("Post what is ticked"),
        "crumbs": crumbs((title_of(row), back)),
        "back": back,
        "rows": rows,
        "total": money_text(sum((one.line.amount for one in rows), start=Decimal(0))),
    }
    return render(request, "billing/pages/confirm_lines.html", context)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _post_all(request: HttpRequest, row: BankStatement, chosen: list[str]) -> None:
    by, posted, refused = access.actor_of(request), 0, []
    for text in chosen:
        number, _colon, key = text.partition(":")
        line = row.lines.filter(pk=int(number)).first() if _is_key(number) else None
        if line is None:
            continue
        try:
            made = deciding.post_suggested(by=by, line=line, key=key, only_certain=True).made
            posted += made
        except LedgerRefused as refusal:
            what = _("Line %(line)d: %(what)s")
            refused.append(what % {"line": line.number, "what": refusal.sentence})
    if posted:
        text = ngettext("%(number)d line is posted.", "%(number)d lines are posted.", posted)
        messages.success(request, text % {"number": posted})
    elif not refused:
        messages.info(request, _("Nothing was left to post."))
    for sentence in refused:
        messages.error(request, sentence)
