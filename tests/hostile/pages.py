"""Links, forms and elements of a page, by the standard library's parser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str]


@dataclass
class Field:
    """`kind`: an input's type, or `textarea`, `select`, `submit`."""

    name: str
    kind: str
    value: str = ""
    checked: bool = True
    options: list[str] = field(default_factory=list)
    longest: str = ""


@dataclass
class Form:
    """`action` as it stands; blank for the page's own address."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True)
class Element:
    """A start tag and, of a script or style, whether anything stands in it."""

    tag: str
    attributes: Attributes
    line: int


class Page(HTMLParser):
    """Read at once: `Page(text)`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self.links: list[str] = []
        # Fields that stand elsewhere and name their form.
        self._by_id: dict[str, Form] = {}
        self._strays: list[tuple[str, Field]] = []
        self._form: Form | None = None
        self._text: Field | None = None
        self._select: Field | None = None
        self.feed(text)
        self.close()
        for name, found in self._strays:
            if name in self._by_id:
                self._by_id[name].fields.append(found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, given, self.getpos()[0]))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name in ("hx-get", "data-url", "src"):
            if given.get(name, "").startswith("/"):
                self.links.append(given[name])
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._form)
            if "id" in given:
                self._by_id[given["id"]] = self._form
        elif tag in {"input", "textarea", "select", "button"}:
            self._field(tag, given)
        elif tag == "option" and self._select is not None:
            self._select.options.append(given.get("value", ""))
            if "selected" in given:
                self._select.value = given.get("value", "")

    def _field(self, tag: str, given: Attributes) -> None:
        kind = given.get("type", "text" if tag == "input" else tag).lower()
        kind = "submit" if tag == "button" else kind
        found = Field(
            given.get("name", ""),
            kind,
            given.get("value", "on" if kind in {"checkbox", "radio"} else ""),
            "checked" in given or kind not in {"checkbox", "radio"},
            longest=given.get("maxlength", ""),
        )
        if tag == "textarea":
            self._text = found
        if tag == "select":
            self._select = found
        if not found.name:
            return
        if "form" in given:
            self._strays.append((given["form"], found))
        elif self._form is not None:
            self._form.fields.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.value += data

    def tags(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.tag in names)
