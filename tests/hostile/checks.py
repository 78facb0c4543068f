"""What may never come back, whoever asks for whatever."""

import traceback
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from zipfile import BadZipFile, ZipFile

from django.core.mail import EmailMessage

from bezpechne.accounts.access import access_of
from tenants.models import Domain
from tests.hostile.marks import PUBLIC, RESIDENT, TEXT, found_in, is_published
from tests.hostile.pages import Page
from tests.hostile.people import PLATFORM, Person
from tests.hostile.policy import violations
from tests.hostile.values import EVIL, HEADER, PROBE, PRODUCT
from tests.hostile.wire import Reply, Wire
from tests.route_table import CITY, LINK

ROOT = Path(__file__).resolve().parents[2]
# Told, and no fault: a machine may be busy.
SLOW_SECONDS = 5.0
REDIRECTS = {301, 302, 303, 307, 308}

Check = Callable[[Person, Wire, Reply], Iterator[str]]


def faults_of(person: Person, wire: Wire, reply: Reply) -> list[tuple[str, str]]:
    """Kind and sentence of each."""
    return [(kind, told) for kind, check in CHECKS.items() for told in check(person, wire, reply)]


def faults_of_letter(letter: EmailMessage, schema: str) -> Iterator[tuple[str, str]]:
    """Headers that somebody typed, words of another city."""
    sent = letter.message()
    for name, value in sent.items():
        if "\r" in str(value) or "Bcc" in name or name.lower() == HEADER.lower():
            yield "letter", f"{name} was typed"
    # One address is one recipient, however it is written.
    if any("," in address or "\n" in address for address in letter.recipients()):
        yield "letter", "two recipients in one"
    for mark in sorted(found_in(str(letter.body) + str(letter.subject)), key=str):
        if schema != "public" and not schema.endswith(mark.city):
            yield "leak", f"{mark.kind} {mark.row} of {mark.city} in a letter"


def _server_error(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    if reply.status >= 500:
        yield f"{reply.status} {told_of(reply.fault)}"


def told_of(fault: BaseException | None) -> str:
    """The exception and the last line of ours that it passed."""
    if fault is None:
        return ""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [
        frame
        for frame in frames
        if frame.filename.startswith(str(ROOT)) and ".venv" not in frame.filename
    ]
    # The database's own module is passed by every query.
    inside = [
        frame
        for frame in ours
        if "/tests/" not in frame.filename and "/kernel/database/" not in frame.filename
    ]
    where = (inside or frames)[-1]
    short = str(fault).replace("\n", " ")[:200]
    return f"{type(fault).__name__} at {where.filename.removeprefix(str(ROOT) + '/')}:{where.lineno}: {short}"


def _headers(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    for name, value in reply.headers:
        if "\r" in name + value or "\n" in name + value:
            yield f"a line break in {name}"
        if name.lower() == HEADER.lower():
            yield "a header that the request made up"


def _policy(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    if not reply.is_html or not reply.body:
        return
    policy = reply.header("Content-Security-Policy")
    if not policy:
        yield "no Content-Security-Policy"
    path = wire.path if wire.path.startswith("/") else "/"
    page = Page(reply.text)
    yield from violations(page, policy, f"http://{person.host}{path}")
    for element in page.elements:
        if element.tag.startswith(PROBE):
            yield f"line {element.line}: what was typed is an element"


def _computed(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    if PRODUCT.encode() in reply.body:
        yield "a template that was typed has run"


def _marks(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    sent = found_in(f"{wire.path} {wire.body.decode('utf-8', 'replace')} {wire.headers}")
    route = CITY.get(reply.route)
    by_link = route is not None and route.access == LINK
    addressed = wire.headers.get("HTTP_HOST", "").lower().split(":")[0].rstrip(".")
    texts = [readable(reply.body), *(f"{name}: {value}" for name, value in reply.headers)]
    for mark in sorted(set().union(*map(found_in, texts)) - sent, key=str):
        # Whoever writes a city's name into the request is its visitor; its links open there.
        visits = addressed == f"{mark.city}.{PLATFORM}" and (mark.kind == PUBLIC or by_link)
        if person.may_see(mark) or visits:
            continue
        # Somebody of the same episode may have published it, or shown it again.
        own = person.city if person.city and person.city.slug == mark.city else None
        if own is None or mark.kind != TEXT or not is_published(mark, own):
            yield f"{mark.kind} {mark.row} of {mark.city}"


def readable(body: bytes) -> str:
    """Text of any body: spreadsheets and documents are archives, a PDF has packed streams."""
    if body.startswith(b"PK"):
        try:
            with ZipFile(BytesIO(body)) as archive:
                body = b"\n".join(archive.read(name) for name in archive.namelist()[:200])
        except BadZipFile:
            pass
    elif body.startswith(b"\x1f\x8b"):
        body = zlib.decompress(body, 31)
    return body.decode("utf-8", "replace")


def _redirects(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    target = reply.header("Location")
    if reply.status not in REDIRECTS or not target:
        return
    if "\\" in target or target.startswith("//"):
        yield f"to {target[:200]}"
        return
    host = urlsplit(urljoin(f"http://{person.host}/", target)).hostname or ""
    if EVIL in host or not (host == PLATFORM or host.endswith((f".{PLATFORM}", ".example.org"))):
        yield f"to {target[:200]}"
    # A city's own domains are named after it; the operator of an episode may have given one more.
    elif (
        person.city
        and host != PLATFORM
        and person.city.slug not in host
        and not Domain.objects.filter(tenant=person.city, domain=host).exists()
    ):
        yield f"to another site, {target[:200]}"


def _caches(person: Person, wire: Wire, reply: Reply) -> Iterator[str]:
    kept = reply.header("Cache-Control")
    access = access_of(reply.view) if reply.view else None
    if access and access.private and reply.status < 400 and "no-store" not in kept:
        yield f"a private page may be kept: {kept or 'no Cache-Control'}"
    if "public" in kept and "no-store" not in kept:
        if any(map(_has_value, reply.headers)) or b"csrfmiddlewaretoken" in reply.body:
            yield "a page with somebody's cookie may be kept by all"
        if any(mark.kind == RESIDENT for mark in found_in(reply.text)):
            yield "a page with a resident's name may be kept by all"


def _has_value(header: tuple[str, str]) -> bool:
    """A cookie that is set; one that is taken away says nothing of anybody."""
    name, value = header
    return name == "Set-Cookie" and "Max-Age=0" not in value


CHECKS: dict[str, Check] = {
    "server error": _server_error,
    "header": _headers,
    "policy": _policy,
    "template": _computed,
    "leak": _marks,
    "redirect": _redirects,
    "cache": _caches,
}
