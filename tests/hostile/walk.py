"""Episodes: up to three people in turn, forty random requests, then the world is as it was.

The choices of an episode hang on the seed and its number alone, so that one that found something
can be walked again without those before it.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from procrastinate.contrib.django import app

from provisioning.console import banners
from tenants import resolution
from tests.hostile import checks
from tests.hostile.pages import Form, Page
from tests.hostile.people import Person, people
from tests.hostile.values import EVIL, Values
from tests.hostile.wire import BOUNDARY, FORM, File, Reply, Wire, form_wire, raw, send
from tests.route_table import CITY, LINK, PUBLIC, TOKEN, Route
from tests.route_table import PLATFORM as PLATFORM_TABLE
from tests.worlds import World

CAST, PAGES, STEPS = 3, 4, 40
# In place of an episode's number.
SWEEP = -1
# Addresses and forms that a person keeps in mind.
MOST = 150
SEGMENTS = (
    "0", "-1", "1", "01", "99999999999999999999", "9223372036854775808", "x" * 3000, "%00", "a%00b", "%ff", "%ed%a0%80", "..", "..%2f..%2fetc", "%2e%2e", "١٢", "%F0%9F%91%AE", "%E2%80%AE", "%0d%0aQz-Injected:%201", "null", "<qzprobe>", "{{7777*7777}}", "%7B%7B7777*7777%7D%7D", "'", "%25", "%3F", "%23", "2026-13", "0000-00", "9999-99", "2026-02-30", "00000000-0000-0000-0000-000000000000", "csv", "..;", " ", "%5C",
)  # fmt: skip
PARAMETERS = ("next", "page", "q", "sort", "state", "topic", "bbox", "zoom", "lat", "lon", "from", "to", "after", "before", "month", "first", "last", "city", "payer", "format", "lang", "number", "x%00", "tab", "token", "size")  # fmt: skip
PATHS = (
    "/", "//", f"//{EVIL}", f"//{EVIL}/%2f..", f"/\\{EVIL}", f"/%5c{EVIL}", f"/en//{EVIL}/", f"/en/\\{EVIL}", "/en", "/en/", "/EN/", "/static/", "/static/../settings.py", "/static/%2e%2e/%2e%2e/manage.py", "/static/%00", "/static/bezpechne/app.css", "/static/bezpechne/app.css%00", "/favicon.ico", "/robots.txt", "/.env", "/healthz", "/health/", "/metrics", "/admin/", "/api/v1/", "/api/v1", "/api/v2/x", "/api/v1/%00", "/map/pins.json?bbox=NaN,NaN,NaN,NaN", "/map/pins.json?bbox=1e400,0,0,0", "*", "", "/?" + "a=1&" * 1500, "/?" + "a" * 9000, "/%", "/%zz", "/ü", "/" + "a/" * 700, "/;x", "/?%ff=%fe", "/?next=//" + EVIL, "/account/sign-in/?next=//" + EVIL, "/account/sign-in/?next=/\\" + EVIL, "/account/sign-in/?next=https:" + EVIL, "/account/sign-in/?next=%2f%09%2f" + EVIL, "/account/sign-in/?next=%00",
)  # fmt: skip
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW", "post", "POST", "GET")  # fmt: skip
HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("HTTP_HOST", (EVIL, "", "x" * 300, "bezpechne.test:99999", "[::1]", "[::1", "a b", "poltava.bezpechne.test.", "POLTAVA.BEZPECHNE.TEST:8000", "poltava.bezpechne.test@" + EVIL, "xn--80a.test", "\xff\xfe", "..", "ternopil.bezpechne.test:443")),
    ("HTTP_X_FORWARDED_HOST", (EVIL,)),
    ("HTTP_X_FORWARDED_PROTO", ("https", "javascript", "https,http")),
    ("HTTP_X_FORWARDED_FOR", ("127.0.0.1", "x" * 5000, "' OR 1=1", "1.2.3.4, ::1", "\x00")),
    ("HTTP_X_ORIGINAL_URL", ("/desk/",)),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", ("DELETE", "POST")),
    ("HTTP_ACCEPT_LANGUAGE", ("*", "en;q=9", "x" * 3000, "ru", "uk-\xff", ";" * 500, "en-" + "a-" * 400)),
    ("HTTP_ACCEPT", ("", "*/*;q=x", "application/json", "text/html;" * 300, "image/avif", "application/xml", "\xff")),
    ("HTTP_ACCEPT_ENCODING", ("gzip", "gzip;q=x", "br", "*")),
    ("HTTP_REFERER", ("https://" + EVIL + "/", "javascript:1", "//", "http://[", "\xff", "")),
    ("HTTP_ORIGIN", ("https://" + EVIL, "null", "http://[")),
    ("HTTP_RANGE", ("bytes=0-", "bytes=9999999999-", "bytes=-1", "bytes=a-b", "bytes=0-0,1-1")),
    ("HTTP_IF_MODIFIED_SINCE", ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Jan 99999 00:00:00 GMT")),
    ("HTTP_IF_NONE_MATCH", ("*", '"x"', "x" * 2000, '"')),
    ("HTTP_X_REQUEST_ID", ("x" * 5000, "a b", "\x85", "<qzprobe>", "")),
    ("HTTP_HX_REQUEST", ("true",)),
    ("HTTP_HX_CURRENT_URL", ("http://[", "https://" + EVIL, "\xff")),
    ("HTTP_HX_TARGET", ("<qzprobe>",)),
    ("HTTP_AUTHORIZATION", ("Bearer x", "Bearer", "Bearer " + "x" * 5000, "Basic \xff", "Bearer \xff", "bearer  bzp_", "Digest a=b")),
    ("HTTP_IDEMPOTENCY_KEY", ("", "x" * 5000, "\xff", "a b", "\x00")),
    ("HTTP_STRIPE_SIGNATURE", ("t=1,v1=x", "t=NaN", "t=,v1=", "\xff")),
    ("HTTP_COOKIE", ("session=" + "a" * 5000, "session=..%2f", "session=\xff\xfe", "session=aaaaaaaaaaaaaaaa; csrf=\x00", "=;=;;", "csrf=" + "x" * 64, "session=; session=x", "a" * 9000)),
    ("HTTP_USER_AGENT", ("", "x" * 5000, "\xff")),
    ("CONTENT_LENGTH", ("", "abc", "-1", "0", "99999999999", "1")),
    ("REMOTE_ADDR", ("", "::1", "fe80::1%eth0", "nonsense")),
)  # fmt: skip
CHARSETS = ("utf-16", "hex", "idna", "undefined", "rot13", "utf-7", "nonsense", "utf-8;x", "base64", "\xff", "unicode_escape")  # fmt: skip
TABLES = {settings.ROOT_URLCONF: CITY, settings.PUBLIC_SCHEMA_URLCONF: PLATFORM_TABLE}


@dataclass(frozen=True)
class Found:
    """One fault: who sent what when."""

    kind: str
    told: str
    episode: int
    step: int
    person: str
    route: str
    request: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Faults that are told once."""
        place = self.told.split(": ")[0] if self.kind != "leak" else self.told.split()[0]
        return self.kind, self.route, place[:120]


@dataclass
class Report:
    """What a run saw; `reached`: routes that answered somebody with what they asked for."""

    seed: int
    faults: dict[tuple[str, str, str], list[Found]] = field(default_factory=dict)
    slow: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    requests: int = 0
    episodes: int = 0

    def lines(self) -> Iterator[str]:
        for same in self.faults.values():
            first = same[0]
            yield (
                f"FAULT {first.kind}, {len(same)} times: {first.told}\n"
                f"  {first.person}, {first.route or 'no route'}: {first.request}\n"
                f"  again: python -m tests.bench.hostile --seed {self.seed} "
                + (f"--episode {first.episode}" if first.episode != SWEEP else "--minutes 0")
            )
        yield from (f"SLOW {told}" for told in self.slow)
        missed = sorted({name for table in TABLES.values() for name in table} - self.reached)
        forms = {
            name for table in TABLES.values() for name, at in table.items() if "POST" in at.own
        }
        yield (
            f"seed {self.seed}: {self.requests} requests in {self.episodes} episodes,"
            f" {dict(sorted(self.statuses.items()))};"
            f" {len(self.reached)} routes gave what was asked, {len(self.sent)} of {len(forms)} took"
            f" a form; {len(self.faults)} different faults"
        )
        if missed:
            yield f"never with success: {', '.join(missed)}"


class Walk:
    """Inside a transaction that somebody takes back, in a process of its own clock."""

    def __init__(self, own: World, other: World, seed: int) -> None:
        self.worlds = (own, other)
        self.people = people(own, other)
        # Who may do much comes often.
        self._weights = [1 + len(self._able(person)) // 10 for person in self.people]
        self.report = Report(seed)
        self._progress: Callable[[str], None] = lambda line: None

    def run(
        self,
        *,
        episodes: int | None = None,
        minutes: float = 0,
        first: int = 0,
        told: Callable[[str], None] | None = None,
        sweep: int | None = 0,
    ) -> Report:
        """So many episodes, or as many as fit in the minutes; before them `sweep` routes of each
        person, None: all.
        """
        self._progress = told or self._progress
        ends = time.monotonic() + minutes * 60
        self.sweep(sweep)
        number = first
        while number < first + episodes if episodes is not None else time.monotonic() < ends:
            self.episode(number)
            number += 1
        return self.report

    # --- what everybody does first ----------------------------------------------------------------

    def sweep(self, most: int | None) -> None:
        """Every page and form of everybody with valid values, own rows and the other city's."""
        random = Random(f"{self.report.seed} sweep")  # noqa: S311 - a seed has to repeat it
        own, other = self.worlds
        for person in self.people:
            names = self._able(person)
            if most is not None:
                names = random.sample(names, min(most, len(names)))
            foreign = own if self._world(person) is other else other
            for name in names:
                for world in (self._world(person), foreign):
                    self._once(person, name, world, random)
        self._progress(f"the sweep: {self.report.requests} requests")

    def _once(self, person: Person, name: str, world: World, random: Random) -> None:
        """Each method of a route, and nothing of it stays."""
        route = TABLES[person.urlconf][name]
        with transaction.atomic():
            self._fresh()
            person.refreshed()
            path = self._path(person, name, world, random)
            for method in ("GET", "POST"):
                if method in route.methods:
                    self.knock(person, self._valid(method, path, route, world), SWEEP, 0)
            transaction.set_rollback(True)

    def _valid(self, method: str, path: str, route: Route, world: World) -> Wire:
        if method != "POST":
            return Wire(method, path)
        data = self._data(route, world)
        if route.access in TOKEN:
            headers = {"HTTP_IDEMPOTENCY_KEY": "sweep"}
            return Wire("POST", path, json.dumps(data).encode(), "application/json", headers)
        return form_wire("POST", path, list(self._fields(data)))

    @staticmethod
    def _able(person: Person) -> list[str]:
        """Routes that let a person in; what is open to all, the visitor reads for the others."""
        table = TABLES[person.urlconf]
        public = person.name.startswith("visitor")
        return [
            name
            for name, route in table.items()
            if person.may(name, route.access) and (public or route.access != PUBLIC)
        ]

    @staticmethod
    def _knocked_at(person: Person) -> list[str]:
        """What somebody without any right here tries; links came to others."""
        table = TABLES[person.urlconf]
        return [name for name, route in table.items() if route.access != LINK]

    def _world(self, person: Person) -> World:
        own, other = self.worlds
        return other if person.city and person.city.pk == other.city.pk else own

    # --- episodes -----------------------------------------------------------------------------------

    def episode(self, number: int) -> None:
        """Takes everything back at its end: cities may be deleted, people signed out."""
        random = Random(f"{self.report.seed} {number}")  # noqa: S311 - same
        chosen = random.choices(range(len(self.people)), self._weights, k=CAST)
        cast = [self.people[place] for place in sorted(set(chosen))]
        with transaction.atomic():
            self._fresh()
            for person in cast:
                person.refreshed()
                able = self._able(person) or self._knocked_at(person)
                for name in random.sample(able, min(PAGES, len(able))):
                    path = self._path(person, name, self._world(person), random)
                    self.knock(person, Wire("GET", path), number, 0)
            for step in range(1, STEPS + 1):
                person = random.choice(cast)
                self.knock(person, self.choose(person, random), number, step)
            self._run_jobs(number)
            transaction.set_rollback(True)
        self.report.episodes += 1
        if number % 10 == 0:
            self._progress(
                f"episode {number}: {self.report.requests} requests, {len(self.report.faults)} faults"
            )

    @staticmethod
    def _fresh() -> None:
        """Nothing of the last episode is left in the process."""
        resolution.forget()
        banners.forget()
        cache.clear()
        mail.outbox.clear()
        wrapper: Any = connection
        wrapper.set_schema_to_public()

    def _run_jobs(self, episode: int) -> None:
        """The letters of what was typed are written too, and read."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT task_name, args::text FROM public.procrastinate_jobs WHERE status = 'todo'"
                " AND task_name LIKE '%%mail%%' AND scheduled_at IS NULL ORDER BY id DESC LIMIT 15"
            )
            jobs = cursor.fetchall()
        for name, given in jobs:
            arguments = json.loads(given)
            mail.outbox.clear()
            told = f"{name} {given}"
            try:
                with transaction.atomic():
                    app.tasks[name].func(**arguments)
            except Exception as fault:  # noqa: BLE001 - it is what is looked for
                self._note("job", checks.told_of(fault), episode, 0, "worker", name, told)
            for letter in mail.outbox:
                for kind, said in checks.faults_of_letter(letter, arguments["schema"]):
                    self._note(kind, said, episode, 0, "worker", name, told)

    def _note(
        self, kind: str, told: str, episode: int, step: int, person: str, route: str, request: str
    ) -> None:
        found = Found(kind, told, episode, step, person, route, request)
        same = self.report.faults.setdefault(found.key, [])
        same.append(found)
        if len(same) == 1:
            self._progress(f"FAULT {kind}: {told} ({person}, episode {episode}) {request}")

    def knock(self, person: Person, wire: Wire, episode: int, step: int) -> Reply:
        """Sends, checks, and remembers what is on the page."""
        wire = replace(wire, headers={"HTTP_HOST": person.host, **person.headers, **wire.headers})
        reply = self._sent(person, wire)
        report = self.report
        report.requests += 1
        report.statuses[reply.status] += 1
        if reply.route and 200 <= reply.status < 400 and not self._to_sign_in(reply):
            report.reached.add(reply.route)
            if wire.method == "POST":
                report.sent.add(reply.route)
        if reply.seconds > checks.SLOW_SECONDS:
            report.slow.append(f"{reply.seconds:.1f} s, {person.name}: {str(wire)[:300]}")
        for kind, told in checks.faults_of(person, wire, reply):
            self._note(kind, told, episode, step, person.name, reply.route, str(wire))
        if (
            reply.is_html
            and reply.status in {200, 422}
            and wire.headers["HTTP_HOST"] == person.host
        ):
            self._learn(person, wire.path, reply)
        return reply

    @staticmethod
    def _to_sign_in(reply: Reply) -> bool:
        return "/account/sign-in/" in reply.header("Location")

    def _sent(self, person: Person, wire: Wire) -> Reply:
        """A savepoint for each: what fails takes back its own rows alone, as without a transaction."""
        point = transaction.savepoint()
        # The page of a lost database closes what it thinks is lost, and the world with it.
        with patch.object(connection, "close"):
            reply = send(person.client, wire)
        try:
            if reply.status >= 500:
                transaction.savepoint_rollback(point)
            else:
                self._committed()
                transaction.savepoint_commit(point)
        except IntegrityError as fault:
            # What a commit would have refused, after the page had said that all is well.
            transaction.savepoint_rollback(point)
            reply = replace(reply, status=500, fault=fault)
        except DatabaseError:
            # Somebody caught a database's error and answered.
            transaction.savepoint_rollback(point)
        wrapper: Any = connection
        wrapper.set_schema_to_public()
        # A SET goes with what is rolled back.
        wrapper.search_path_set_schemas = None
        return reply

    @staticmethod
    def _committed() -> None:
        """Constraints that wait for the commit are asked now."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _learn(self, person: Person, path: str, reply: Reply) -> None:
        page = Page(reply.text)
        here = path.partition("?")[0]
        for link in page.links:
            parts = urlsplit(link)
            if parts.netloc in {"", person.host} and parts.scheme in {"", "http", "https"}:
                target = urljoin(here, f"{parts.path}?{parts.query}" if parts.query else parts.path)
                if target not in person.links and len(person.links) < MOST:
                    person.links.append(target)
        known = {(self._shape(form)) for _, form in person.forms}
        for form in page.forms:
            if self._shape(form) not in known:
                person.forms.append((here, form))
        del person.forms[: -MOST * 2]

    @staticmethod
    def _shape(form: Form) -> tuple[str, ...]:
        """Of forms that differ in a row's number alone one is enough, and a few more."""
        action = "".join("0" if sign.isdigit() else sign for sign in form.action)
        return (action, form.method, *sorted({field.name for field in form.fields}))

    # --- what is sent -------------------------------------------------------------------------------

    def choose(self, person: Person, random: Random) -> Wire:
        values = Values(random, self._foreign(person))
        what = random.random()
        if what < 0.40 and person.forms:
            wire = self._a_form(person, values)
        elif what < 0.50 and person.links:
            wire = Wire("GET", random.choice(person.links))
        elif what < 0.94:
            wire = self._a_route(person, values)
        else:
            wire = Wire("GET", random.choice(PATHS))
        return self._bent(wire, values)

    def _foreign(self, person: Person) -> list[str]:
        """Ids and secrets of the city where the person has no business."""
        own, other = self.worlds
        there = own if self._world(person) is other else other
        rows = (there.new, there.published, there.photo, there.routing, there.unit, there.letter)
        keys = [str(row.pk) for row in rows] + [str(there.photo.key), str(there.letter.key)]
        return [*keys, *there.links.values(), there.logo, there.city.slug, str(there.draft_key)]

    def _a_form(self, person: Person, values: Values) -> Wire:
        page, form = values.random.choice(person.forms)
        fields = values.filled(form)
        if values.random.random() < 0.75:
            fields = values.spoiled(fields)
        path = urljoin(page, form.action) if form.action else page
        if form.method != "POST":
            pairs = "&".join(
                f"{quote(raw(name))}={quote(raw(value))}"
                for name, value in fields
                if isinstance(value, str)
            )
            return Wire("GET", f"{path.partition('?')[0]}?{pairs}")
        guarded = values.random.random() < 0.1
        return form_wire("POST", path, fields, guarded=guarded)

    def _a_route(self, person: Person, values: Values) -> Wire:
        """A line of the table: mostly one that lets the person in, with own or foreign rows."""
        random = values.random
        table = TABLES[person.urlconf]
        able = [name for name, route in table.items() if person.may(name, route.access)]
        name = random.choice(able if able and random.random() < 0.8 else list(table))
        route = table[name]
        own, other = self.worlds
        mine = self._world(person)
        foreign = own if mine is other else other
        # Nobody guesses a link: of those that came to others only the other city's are tried.
        strange = route.access == LINK and name not in person.holds
        world = mine if not strange and random.random() < 0.75 else foreign
        path = self._path(person, name, world, random)
        if strange and person.city is None:
            # The platform's own links open whatever the city: who has none guesses.
            secret = max(path.split("/"), key=len)
            path = path.replace(secret, secret[:-4] + "AAAA")
        if random.random() < 0.2:
            path = self._odd_path(path, random)
        method = random.choice(route.methods)
        if method != "POST":
            return Wire(method, path)
        data = self._data(route, world)
        if route.access in TOKEN:
            return self._json(path, data, values)
        fields = list(self._fields(data))
        if random.random() < 0.7:
            fields = values.spoiled(fields)
        return form_wire("POST", path, fields)

    @staticmethod
    def _data(route: Route, world: World) -> dict[str, Any]:
        with translation.override("uk"):
            return dict(route.data(world))

    @staticmethod
    def _fields(data: dict[str, Any]) -> Iterator[tuple[str, str | File]]:
        for name, value in data.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                if hasattr(one, "read"):
                    one.seek(0)
                    kind = getattr(one, "content_type", None) or "application/octet-stream"
                    yield name, File(str(one.name), one.read(), kind)
                else:
                    yield name, str(one)

    def _json(self, path: str, data: dict[str, Any], values: Values) -> Wire:
        random = values.random
        given: Any = dict(data)
        if random.random() < 0.7:
            key = random.choice([*given, "name", "x"])
            given[key] = values.document()
        if random.random() < 0.15:
            given = values.document()
        body = json.dumps(given).encode()
        if random.random() < 0.1:
            body = random.choice((b"", b"{", b"[" * 8000, b'{"a":' * 3000, b"\xff", b'"', raw("\ud800"), b"NaN", b"1" * 5000, b'{"a":1,"a":2}'))  # fmt: skip
        headers = {"HTTP_IDEMPOTENCY_KEY": str(random.getrandbits(64))}
        return Wire("POST", path, body, "application/json", headers)

    def _path(self, person: Person, name: str, world: World, random: Random) -> str:
        route = TABLES[person.urlconf][name]
        language = "en" if random.random() < 0.25 else "uk"
        # What a line makes on first use, it makes as the table's tests do: outside of a city.
        with translation.override(language):
            try:
                arguments = route.arguments(world)
                path = reverse(name, urlconf=person.urlconf, kwargs=arguments)
            except NoReverseMatch:
                return "/"
        return path + quote(route.query, safe="?&=,%")

    @staticmethod
    def _odd_path(path: str, random: Random) -> str:
        bare, mark, query = path.partition("?")
        parts = bare.split("/")
        inner = [place for place, part in enumerate(parts) if part] or [0]
        # Arguments stand at the end.
        place = random.choice(inner[-2:])
        parts[place] = random.choice(SEGMENTS)
        return "/".join(parts) + mark + query

    # --- how it is bent -------------------------------------------------------------------------------

    def _bent(self, wire: Wire, values: Values) -> Wire:
        random = values.random
        headers = dict(wire.headers)
        # Limits by the visitor's address are not what is tried here.
        headers["REMOTE_ADDR"] = f"10.{random.randrange(256)}.{random.randrange(256)}.7"
        wire = replace(wire, headers=headers)
        if random.random() < 0.12:
            wire = self._odd_query(wire, values)
        if random.random() < 0.06:
            wire = replace(wire, method=random.choice(METHODS))
        if random.random() < 0.15:
            for name, texts in random.sample(HEADERS, random.choice((1, 1, 2, 3))):
                headers[name] = random.choice(texts)
        if wire.method == "POST" and random.random() < 0.08:
            wire = self._odd_body(wire, values)
        return wire

    @staticmethod
    def _odd_query(wire: Wire, values: Values) -> Wire:
        random = values.random
        bare, _, query = wire.path.partition("?")
        known = [part.partition("=")[0] for part in query.split("&") if part]
        name = random.choice([*known, *random.sample(PARAMETERS, 3)])
        added = f"{name}={quote(raw(values.text())[:6000])}"
        kept = [part for part in query.split("&") if part]
        if random.random() < 0.5:
            kept = [part for part in kept if part.partition("=")[0] != name]
        return replace(wire, path=f"{bare}?{'&'.join([*kept, added])}")

    @staticmethod
    def _odd_body(wire: Wire, values: Values) -> Wire:
        random = values.random
        what = random.randrange(8)
        if what == 0:
            body = json.dumps(values.document()).encode()
            return replace(wire, body=body, media_type="application/json")
        if what == 1:
            return replace(wire, media_type=f"{FORM}; charset={random.choice(CHARSETS)}")
        if what == 2:
            kind = f"multipart/form-data; boundary={BOUNDARY}; charset={random.choice(CHARSETS)}"
            return replace(wire, media_type=kind)
        if what == 3:
            kinds = ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300, "multipart/form-data; boundary=\xff", "multipart/mixed; boundary=a")  # fmt: skip
            return replace(wire, media_type=random.choice(kinds))
        if what == 4:
            return replace(wire, body=wire.body[: len(wire.body) // 2])
        if what == 5:
            return replace(wire, body=random.randbytes(200))
        if what == 6:
            others = ("", "text/plain", "text/xml", "application/octet-stream", "x", "\xff", ";;;")
            return replace(wire, media_type=random.choice(others))
        return replace(wire, body=wire.body * 2)


def printed(line: str) -> None:
    """At once, whatever is between."""
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()
