"""A sheet as an editable file (DOCX), for papers that people still argue about."""

from io import BytesIO

from docx import Document
from docx.document import Document as File
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from billing.papers.sheet import (
    Block,
    Boxed,
    Clause,
    Facts,
    Heading,
    Paper,
    Sheet,
    Signature,
    Signatures,
    Table,
    Text,
    Total,
)
from billing.papers.text import tidy
from billing.papers.word_parts import (
    LINE_WIDTH,
    add_field,
    keep_whole,
    prepare,
    repeat_on_pages,
    rule,
    set_widths,
)

DAY_BLANK = "«___» ______________ 20___ р."
HAND_BLANK = "________________"
LABEL_WIDTH = 45


class EditablePaper(Paper):
    """A paper that has a file to edit beside its PDF."""

    def docx(self) -> bytes:
        """The same blocks as the PDF's."""
        return written(self.sheet())


def written(sheet: Sheet) -> bytes:
    """DOCX with the language uk, numbered pages and heads of tables that repeat."""
    file = Document()
    prepare(file, tidy(sheet.heading), sheet.day)
    _foot(file, sheet)
    _head(file, sheet)
    for block in sheet.blocks:
        _block(file, block)
    made = BytesIO()
    file.save(made)
    return made.getvalue()


def _foot(file: File, sheet: Sheet) -> None:
    foot = file.sections[0].footer.paragraphs[0]
    _run(foot, f"{sheet.heading} · Сторінка", size=9)
    foot.add_run(" ")
    add_field(foot, "PAGE")
    foot.add_run(" з ")
    add_field(foot, "NUMPAGES")
    foot.alignment = ALIGN.RIGHT


def _head(file: File, sheet: Sheet) -> None:
    if sheet.draft:
        _line(file, "ПРОЄКТ", align=ALIGN.RIGHT)
    if sheet.sender or sheet.addressee:
        _letter_head(file, sheet)
    title = file.add_heading(level=1)
    title.alignment = ALIGN.CENTER
    title.add_run(tidy(sheet.heading))
    table = file.add_table(rows=1, cols=2)
    set_widths(table, [LINE_WIDTH / 2] * 2)
    _fill(table.cell(0, 0), sheet.place)
    _fill(table.cell(0, 1), sheet.day_words or DAY_BLANK, align=ALIGN.RIGHT)
    if sheet.subject:
        _line(file, sheet.subject).runs[0].italic = True


def _letter_head(file: File, sheet: Sheet) -> None:
    table = file.add_table(rows=1, cols=2)
    set_widths(table, [LINE_WIDTH / 2] * 2)
    for cell, lines, size in zip(
        table.rows[0].cells, (sheet.sender, sheet.addressee), (10, 12), strict=True
    ):
        for line in lines:
            _run(_close(cell.add_paragraph()), line, size=size)


def _block(file: File, block: Block) -> None:
    match block:
        case Text():
            small = block.style == "small"
            paragraph = _line(file, block.text, size=10 if small else 12)
            paragraph.runs[0].bold = block.style == "strong"
        case Heading():
            heading = file.add_heading(tidy(block.text), level=2)
            heading.paragraph_format.page_break_before = block.new_page
        case Clause():
            _line(file, f"{block.mark} {block.text}")
        case Facts():
            _facts(file, block)
        case Table():
            _table(file, block)
        case Boxed():
            _line(file, f"{block.label}: {block.text}")
        case Signatures():
            _signatures(file, block)


def _facts(file: File, facts: Facts) -> None:
    table = file.add_table(rows=0, cols=2)
    for label, value in facts.rows:
        row = table.add_row()
        keep_whole(row)
        _fill(row.cells[0], label)
        _fill(row.cells[1], value)
    set_widths(table, [LABEL_WIDTH, LINE_WIDTH - LABEL_WIDTH])
    _line(file, "", after=0)


def _table(file: File, block: Table) -> None:
    table = file.add_table(rows=1, cols=len(block.columns))
    repeat_on_pages(table.rows[0])
    _cells(table.rows[0].cells, tuple(column.title for column in block.columns), block, size=10)
    for values in block.rows:
        row = table.add_row()
        keep_whole(row)
        _cells(row.cells, values, block, size=11)
    for cell in table.rows[0].cells:
        rule(cell, "top")
        rule(cell, "bottom")
    taken = sum(column.width for column in block.columns)
    free = [column for column in block.columns if not column.width]
    rest = (LINE_WIDTH - taken) / max(len(free), 1)
    set_widths(table, [column.width or rest for column in block.columns])
    for place, total in enumerate(block.totals):
        _total(table.add_row().cells, total, first=place == 0)
    _line(file, "", after=0)


def _cells(cells: tuple[_Cell, ...], values: tuple[str, ...], block: Table, size: int) -> None:
    for cell, value, column in zip(cells, values, block.columns, strict=True):
        _fill(cell, value, size=size, align=ALIGN.RIGHT if column.numeric else ALIGN.LEFT)


def _total(cells: tuple[_Cell, ...], total: Total, *, first: bool) -> None:
    label = cells[0].merge(cells[-len(total.values) - 1])
    sums = cells[-len(total.values) :]
    for cell, value in zip((label, *sums), (total.label, *total.values), strict=True):
        _fill(cell, value, size=11, bold=total.strong, align=ALIGN.RIGHT)
        if first:
            rule(cell, "top")


def _signatures(file: File, block: Signatures) -> None:
    count = len(block.signatures)
    table = file.add_table(rows=2, cols=count)
    set_widths(table, [LINE_WIDTH / count] * count)
    size = 11 if count < 3 else 9
    for place, signature in enumerate(block.signatures):
        _requisites(table.cell(0, place), signature, size)
        _hand(table.cell(1, place), signature, size)
    for row in table.rows:
        keep_whole(row)


def _requisites(cell: _Cell, signature: Signature, size: int) -> None:
    _fill(cell, signature.role, bold=True, size=size)
    for line in signature.lines:
        _run(_close(cell.add_paragraph()), line, size=size)


def _hand(cell: _Cell, signature: Signature, size: int) -> None:
    _fill(cell, signature.position, size=size)
    for line in (HAND_BLANK, signature.name):
        _run(_close(cell.add_paragraph()), line, size=size)
    if signature.with_day:
        _run(_close(cell.add_paragraph()), DAY_BLANK, size=size)


def _fill(
    cell: _Cell, text: str, *, size: int = 12, bold: bool = False, align: ALIGN = ALIGN.LEFT
) -> None:
    paragraph = _close(cell.paragraphs[0])
    paragraph.alignment = align
    _run(paragraph, text, size=size, bold=bold)


def _line(
    file: File, text: str, *, size: int = 12, after: int = 6, align: ALIGN = ALIGN.LEFT
) -> Paragraph:
    paragraph = _close(file.add_paragraph(), after)
    paragraph.alignment = align
    _run(paragraph, text, size=size)
    return paragraph


def _close(paragraph: Paragraph, after: int = 2) -> Paragraph:
    """Single line spacing."""
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.paragraph_format.line_spacing = 1
    return paragraph


def _run(paragraph: Paragraph, text: str, *, size: int, bold: bool = False) -> None:
    run = paragraph.add_run(tidy(text))
    run.font.size = Pt(size)
    run.bold = bold
