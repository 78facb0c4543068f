"""What a browser would report of a page under its Content-Security-Policy."""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from tests.hostile.pages import Element, Page

# Blocks of data are no scripts.
_DATA = {"application/json", "application/ld+json", "importmap", "speculationrules"}
# Element, attribute, directive.
_SOURCES = (
    ("script", "src", "script-src"),
    ("img", "src", "img-src"),
    ("input", "src", "img-src"),
    ("image", "href", "img-src"),
    ("video", "poster", "img-src"),
    ("video", "src", "media-src"),
    ("audio", "src", "media-src"),
    ("iframe", "src", "frame-src"),
    ("frame", "src", "frame-src"),
    ("object", "data", "object-src"),
    ("embed", "src", "object-src"),
    ("form", "action", "form-action"),
    ("button", "formaction", "form-action"),
    ("input", "formaction", "form-action"),
    ("base", "href", "base-uri"),
)
_LINKS = {
    "stylesheet": "style-src",
    "icon": "img-src",
    "apple-touch-icon": "img-src",
    "manifest": "manifest-src",
}
_URLS = {"href", "xlink:href", "src", "action", "formaction", "data", "poster"}
# Directives without one of their own fall back to default-src; these two do not.
_ALONE = {"form-action", "base-uri"}


class Policy:
    """A header's directives, for a page at `url`."""

    def __init__(self, header: str, url: str) -> None:
        self._url = url
        self._directives: dict[str, list[str]] = {}
        for part in header.split(";"):
            name, *sources = part.split() or [""]
            self._directives.setdefault(name.lower(), sources)

    def _sources(self, directive: str) -> list[str]:
        fallback = ["*"] if directive in _ALONE else self._directives.get("default-src", ["*"])
        return self._directives.get(directive, fallback)

    def inline(self, directive: str) -> bool:
        """Whether inline code may run; our policy has neither nonces nor hashes."""
        return "'unsafe-inline'" in self._sources(directive)

    def allows(self, directive: str, target: str) -> bool:
        whole = urljoin(self._url, target.strip())
        parts, own = urlsplit(whole), urlsplit(self._url)
        for source in self._sources(directive):
            if source == "'self'" and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
                return True
            if source == f"{parts.scheme}:" or (source == "*" and parts.netloc):
                return True
            wanted = urlsplit(source)
            if wanted.netloc and wanted.scheme == parts.scheme:
                name = wanted.netloc.removeprefix("*")
                if parts.netloc == name or (name != wanted.netloc and parts.netloc.endswith(name)):
                    return True
        return False


def violations(page: Page, header: str, url: str) -> Iterator[str]:
    """One sentence for each."""
    policy = Policy(header, url)
    for element in page.elements:
        for told in (*_inline(element, policy), *_loaded(element, policy)):
            yield f"line {element.line}: <{element.tag}> {told}"


def _inline(element: Element, policy: Policy) -> Iterator[str]:
    given = element.attributes
    kind = given.get("type", "").lower()
    scripts = policy.inline("script-src")
    if element.tag == "script" and "src" not in given and kind not in _DATA and not scripts:
        yield "inline script"
    if not policy.inline("style-src") and (element.tag == "style" or "style" in given):
        yield f"inline style {given.get('style', '')[:80]}"
    for name, value in given.items():
        if name.startswith(("on", "hx-on")) and not scripts:
            yield f"{name}={value[:80]}"
        bare = "".join(letter for letter in value if letter > " ").lower()
        if name in _URLS and bare.startswith(("javascript:", "vbscript:", "data:text/html")):
            yield f"{name}={value[:80]}"


def _loaded(element: Element, policy: Policy) -> Iterator[str]:
    given = element.attributes
    wanted = [
        (directive, given[name])
        for tag, name, directive in _SOURCES
        if tag == element.tag and given.get(name)
    ]
    if element.tag in {"img", "source"} and given.get("srcset"):
        wanted += [
            ("img-src", part.split()[0]) for part in given["srcset"].split(", ") if part.split()
        ]
    if element.tag == "link" and "href" in given:
        kinds = given.get("rel", "").lower().split()
        wanted += [(_LINKS[kind], given["href"]) for kind in kinds if kind in _LINKS]
    if element.tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
        yield "refresh by a tag"
    for directive, target in wanted:
        if not policy.allows(directive, target):
            yield f"{directive} {target[:120]}"
