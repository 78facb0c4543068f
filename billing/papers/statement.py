"""The cost report as a PDF for the books, with room for the signatures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from billing.papers.pdf import typeset

SIGNATURES = ("Головний бухгалтер", "Керівник")


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


def pdf(statement: Statement) -> bytes:
    """Some tens of milliseconds; nothing that a person typed is read as markup."""
    return typeset("statement.typ", asdict(statement))
