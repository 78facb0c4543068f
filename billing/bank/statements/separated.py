"""Tables of text: whatever separator, encoding and order of columns the bank chose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from bezpechne.kernel.delimited import SEPARATORS, CellTooLong, rows_of
from billing.bank.statements import values
from billing.bank.statements.columns import Mapping, Part, check, guessed
from billing.bank.statements.movements import Format, Movement, Reading, checked, refused_at
from billing.errors import LedgerRefused

# Banks put the account and the period before the table, totals behind it.
_HEADER_WITHIN = 40
_TOTALS = re.compile(
    r"\W*(всього|усього|разом|підсум|залиш|вхідн|вихідн|оборот|total|balance|opening|closing)", re.I
)
_IBAN = re.compile(r"\bUA(?:\s?\d){27}\b")
# First letters of «дебет», «списання», «витрата»; the rest comes.
_LEFT = re.compile(r"-|d|dr|dbit|д|дт|дб|деб\w*|спис\w*|вит\w*|вид\w*|out\w*|debit\w*", re.I)
_CAME = re.compile(r"\+|c|cr|crdt|к|кт|кр|кред\w*|зарах\w*|надх\w*|прих\w*|in\w*|credit\w*", re.I)


@dataclass(frozen=True)
class Sheet:
    """`rows` with their lines of the file; `columns`: what is guessed; `account`: told before them."""

    names: Sequence[str]
    rows: Sequence[tuple[int, list[str]]]
    columns: dict[str, int]
    account: str


def sheet_of(text: str) -> Sheet:
    """The table with the separator that makes most sense. Raises LedgerRefused."""
    found = [_split(text, separator) for separator in SEPARATORS if separator in text]
    sheets = [sheet for sheet in found if sheet is not None]
    if not sheets:
        raise LedgerRefused(
            _("This is no table: no line has the names of columns, parted by “;”, “,” or a tab.")
        )
    best = max(sheets, key=lambda sheet: (len(sheet.columns), len(sheet.names)))
    for line, cells in best.rows:
        _check_row(line, cells, len(best.names))
    return best


def _split(text: str, separator: str) -> Sheet | None:
    """With this separator; None where that leaves no table."""
    rows = list(_rows(text, separator))
    scored = [
        (len(guessed(cells)), -place)
        for place, (_line, cells) in enumerate(rows[:_HEADER_WITHIN])
        if sum(bool(cell.strip()) for cell in cells) >= 3
        and not any(values.is_day(cell) for cell in cells)
    ]
    if not scored:
        return None
    place = -max(scored)[1]
    names = [values.text_of(name, 60) for name in rows[place][1]]
    while names and not names[-1]:
        names.pop()
    before = " ".join(cell for _line, cells in rows[:place] for cell in cells)
    account = _IBAN.search(before)
    return Sheet(
        names, rows[place + 1 :], guessed(names), values.iban_of(account[0]) if account else ""
    )


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with its first line."""
    try:
        for line, cells in rows_of(text, separator):
            _check_swallowed(line, cells, separator)
            yield line, cells
    except CellTooLong as error:
        raise refused_at(error.line, _("A cell is too long. Is a quotation mark open?")) from None


def _check_swallowed(line: int, cells: list[str], separator: str) -> None:
    """A quotation mark that nobody closes would take whole movements into one cell."""
    for cell in cells:
        inner = cell.splitlines()[1:]
        if any(part.count(separator) >= 2 and _holds_a_day(part, separator) for part in inner):
            raise refused_at(line, _("A quotation mark is open: whole lines are in one cell."))


def _holds_a_day(part: str, separator: str) -> bool:
    return any(values.is_day(cell.strip('" ')) for cell in part.split(separator))


def _check_row(line: int, cells: list[str], width: int) -> None:
    if any(cell.strip() for cell in cells[width:]):
        raise refused_at(
            line, _("There are more cells than columns: a text holds the separator, unquoted.")
        )


def read(text: str, mapping: Mapping) -> Reading:
    """All movements, or LedgerRefused with the line of the first that makes no sense."""
    sheet = sheet_of(text)
    check(mapping, len(sheet.names))
    found, ignored = [], 0
    for line, cells in sheet.rows:
        row = _Row(cells, mapping)
        if _is_total(row):
            ignored += 1
            continue
        try:
            found.append(row.movement(line))
        except ValueError as error:
            raise refused_at(line, str(error)) from None
    return checked(Reading(Format.CSV, found, ignored))


def _is_total(row: "_Row") -> bool:
    """No day, and a word that banks put before totals and balances."""
    if values.is_day(row.cell(Part.DAY)):
        return False
    first = next(cell for cell in row.cells if cell.strip())
    return bool(_TOTALS.match(first))


@dataclass(frozen=True)
class _Row:
    cells: list[str]
    mapping: Mapping

    def cell(self, part: Part) -> str:
        place = self.mapping.columns.get(part)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def movement(self, line: int) -> Movement:
        """Raises ValueError."""
        amount = self.amount()
        if not amount:
            raise ValueError(_("The sum is nothing."))
        account = values.iban_of(self.cell(Part.ACCOUNT)) or self.mapping.account
        if not account:
            raise ValueError(_("There is no account of ours."))
        return Movement(
            line=line,
            booked_on=values.day_of(self.cell(Part.DAY)),
            amount=amount,
            account=account,
            currency=values.currency_of(self.cell(Part.CURRENCY)),
            payer_name=values.text_of(self.cell(Part.PAYER_NAME), 250),
            payer_iban=values.iban_of(self.cell(Part.PAYER_IBAN)),
            payer_edrpou=values.edrpou_of(self.cell(Part.PAYER_EDRPOU)),
            purpose=values.text_of(self.cell(Part.PURPOSE)),
            reference=values.code_of(self.cell(Part.REFERENCE))[:140],
        )

    def amount(self) -> Decimal:
        if Part.AMOUNT not in self.mapping.columns:
            came, left = (
                values.sum_of(self.cell(part)) if self.cell(part).strip() else Decimal(0)
                for part in (Part.CREDIT, Part.DEBIT)
            )
            if came and left:
                raise ValueError(_("There is a sum in both credit and debit."))
            return came - abs(left)
        amount = values.sum_of(self.cell(Part.AMOUNT))
        if Part.DIRECTION not in self.mapping.columns:
            return amount
        word = self.cell(Part.DIRECTION).strip(" .")
        if _LEFT.fullmatch(word):
            return -abs(amount)
        if _CAME.fullmatch(word):
            return abs(amount)
        raise ValueError(_("“%(text)s” is neither debit nor credit.") % {"text": word[:40]})
