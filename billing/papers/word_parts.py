"""What python-docx has no call for: language, fields, rules of tables."""

from datetime import UTC, date, datetime, time

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

# On every office machine of a council; the file carries no fonts of its own.
FONT = "Times New Roman"
LEFT, RIGHT, TOP, BOTTOM = Mm(30), Mm(15), Mm(20), Mm(20)
LINE_WIDTH = 210 - 30 - 15
INK = RGBColor(0, 0, 0)


def prepare(file: Document, title: str, day: date) -> None:
    """A4 with the margins of office papers, language uk, title, no trace of the library's own."""
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    about = file.core_properties
    about.title, about.language = title, "uk-UA"
    about.author = about.comments = ""
    about.created = about.modified = datetime.combine(day, time(), UTC)
    for lang in file.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), "uk-UA")
    _fonts(file)


def _fonts(file: Document) -> None:
    for name, size, bold in (
        ("Normal", 12, False),
        ("Heading 1", 14, True),
        ("Heading 2", 12, True),
    ):
        style = file.styles[name]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
        style.font.color.rgb = INK
        fonts = style.element.rPr.rFonts
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)


def add_field(paragraph: Paragraph, code: str) -> None:
    """A value that the word processor computes: PAGE, NUMPAGES."""
    for kind in ("begin", "code", "end"):
        run = paragraph.add_run()
        if kind == "code":
            element = OxmlElement("w:instrText")
            element.text = code
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def rule(cell: _Cell, edge: str) -> None:
    """A thin line at the `top` or `bottom` of a cell."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def repeat_on_pages(row: _Row) -> None:
    """A head that stands again on each page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def keep_whole(row: _Row) -> None:
    """A row that no page end divides."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def set_widths(table: Table, widths: list[float]) -> None:
    """Millimetres of the columns; readers follow the cells, not the grid."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
