"""A paper as blocks: the same content becomes a PDF to print and a file to edit."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from billing.papers.pdf import typeset
from billing.papers.words import dated

TEMPLATE = "sheet.typ"


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` for what must be found at a glance, `small` for remarks."""

    text: str
    style: Literal["body", "strong", "small"] = "body"


@dataclass(frozen=True)
class Heading:
    text: str
    new_page: bool = False


@dataclass(frozen=True)
class Clause:
    """A numbered or dashed point: «2.1.», «–»."""

    mark: str
    text: str


@dataclass(frozen=True)
class Facts:
    """Labels and values; a pair without a value is left out."""

    rows: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(row for row in self.rows if row[1].strip()))


@dataclass(frozen=True)
class Column:
    """`width` in millimetres; 0 takes what is left."""

    title: str
    width: int = 0
    numeric: bool = False


@dataclass(frozen=True)
class Total:
    """`values` stand in the last columns, the label right before them."""

    label: str
    values: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of as many texts as there are columns; totals stand under a rule below the last."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[Total, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("A row has as many cells as the table has columns.")


@dataclass(frozen=True)
class Boxed:
    """Something to copy, as the purpose of a payment."""

    label: str
    text: str


@dataclass(frozen=True)
class Signature:
    """`role`: «Виконавець»; `lines`: name, code, address, account; then who signs.

    `with_day`: the day of signing is written in by hand.
    """

    role: str
    lines: tuple[str, ...]
    position: str = ""
    name: str = ""
    with_day: bool = True


@dataclass(frozen=True)
class Signatures:
    signatures: tuple[Signature, ...]


Block = Text | Heading | Clause | Facts | Table | Boxed | Signatures


@dataclass(frozen=True)
class Sheet:
    """`title` «Акт наданих послуг», `number` «5/2026»; `sender` and `addressee`: lines of a letter.

    A `draft` says «Проєкт» in the corner.
    """

    title: str
    day: date
    blocks: tuple[Block, ...]
    number: str = ""
    place: str = ""
    subject: str = ""
    sender: tuple[str, ...] = ()
    addressee: tuple[str, ...] = ()
    draft: bool = False

    @property
    def heading(self) -> str:
        """Title with the number, as the file's title and the foot of each page have it."""
        return f"{self.title} № {self.number}" if self.number else self.title

    @property
    def day_words(self) -> str:
        """Empty for a draft: those who sign write it in."""
        return "" if self.draft else dated(self.day)

    def data(self) -> dict[str, Any]:
        """What the template reads."""
        return {
            "title": self.title,
            "heading": self.heading,
            "number": self.number,
            "place": self.place,
            "dated": self.day_words,
            "day": [self.day.year, self.day.month, self.day.day],
            "subject": self.subject,
            "sender": self.sender,
            "addressee": self.addressee,
            "draft": self.draft,
            "blocks": [{"kind": type(block).__name__, **asdict(block)} for block in self.blocks],
        }


class Paper(ABC):
    """A paper that is one sheet."""

    @abstractmethod
    def sheet(self) -> Sheet: ...

    def pdf(self) -> bytes:
        return typeset(TEMPLATE, self.sheet().data())
