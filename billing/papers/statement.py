"""The cost report as a PDF for the books, with room for the signatures."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import typst

SIGNATURES = ("Головний бухгалтер", "Керівник")
_TEMPLATE = Path(__file__).parent / "templates" / "statement.typ"
# What XML and PDF text cannot hold.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


@dataclass(frozen=True)
class StatementRow:
    """Texts as they are shown; a total stands in bold under a rule."""

    values: Sequence[str]
    total: bool = False


@dataclass(frozen=True)
class StatementTable:
    """`numbers`: which columns stand to the right. `widths`: shares of the line, 0 as it needs."""

    title: str
    columns: Sequence[str]
    numbers: Sequence[bool]
    widths: Sequence[int]
    rows: Sequence[StatementRow]
    note: str = ""


@dataclass(frozen=True)
class Statement:
    """`facts` are pairs of a label and a value; `footer` says when it was made."""

    title: str
    subject: str
    months: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[StatementTable]
    footer: str
    signatures: Sequence[str] = SIGNATURES


@cache
def _fonts() -> "typst.Fonts":
    """The compiler's own: the same paper on every machine."""
    return typst.Fonts(include_system_fonts=False)


def pdf(statement: Statement) -> bytes:
    """Some tens of milliseconds; nothing that a person typed is read as markup."""
    data = json.dumps(asdict(statement), ensure_ascii=False).translate(_CONTROLS)
    made: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data},
    )
    return made
