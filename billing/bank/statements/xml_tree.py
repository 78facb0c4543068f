"""XML from outside as a small tree that knows its lines; no document type, no entities of its own.

Those are refused where they are declared, before anything is expanded or fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from billing.bank.statements.movements import refused_at

_DEEPEST = 60
_SEPARATOR = " "


@dataclass
class Node:
    """`name` without its namespace; `text`: its own characters."""

    name: str
    space: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def all(self, path: str) -> Iterator["Node"]:
        """Nodes under «A/B/C»."""
        first, _slash, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def one(self, path: str) -> "Node | None":
        return next(self.all(path), None)

    def said(self, *paths: str) -> str:
        """Text of the first path that has some."""
        found = (node.text.strip() for path in paths for node in self.all(path))
        return next((text for text in found if text), "")


def tree_of(content: bytes) -> Node:
    """The root. Raises LedgerRefused with the line where the file is no XML, or no plain one."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    root: list[Node] = []
    stack: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) >= _DEEPEST:
            raise refused_at(parser.CurrentLineNumber, _("The file is nested too deeply."))
        space, _blank, local = name.rpartition(_SEPARATOR)
        node = Node(local, space, parser.CurrentLineNumber, attributes)
        (stack[-1].children if stack else root).append(node)
        stack.append(node)

    def refuse(*_given: Any) -> None:
        raise refused_at(
            parser.CurrentLineNumber, _("The file declares a document type. Statements have none.")
        )

    def data(text: str) -> None:
        stack[-1].text += text

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: stack.pop()
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise _explained(error, parser.CurrentLineNumber) from None
    return root[0]


def _explained(error: Exception, line: int) -> Exception:
    """A refusal stays; what the parser found is said in a sentence."""
    if hasattr(error, "sentence"):
        return error
    return refused_at(line, _("This is no whole XML file. Download it from the bank once more."))
