"""Who knocks: everybody with a session, a link or a token, and those with nothing."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bezpechne.accounts.models import User
from provisioning.api import tokens
from provisioning.models import Scope
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Make, inside
from tests.hostile.marks import FILE, MONEY, PRIVATE, PUBLIC, RESIDENT, STAFF, TEXT, Mark
from tests.hostile.pages import Form
from tests.route_table import LINK, TOKEN
from tests.route_table import PUBLIC as OPEN
from tests.worlds import World

PLATFORM = "bezpechne.test"
# Who has which letters.
RESIDENTS = frozenset(
    {f"portal:{name}" for name in ("pending", "resend", "confirm", "follow", "own_photo")}
    | {"draft_photo"}
)
UNITS = frozenset(
    f"answers:{name}"
    for name in (
        "page",
        "opened",
        "accept",
        "pass_back",
        "submit",
        "photo",
        "confirm_address",
        "letter",
    )
)
INVITED = frozenset({"accounts:accept", "accounts:reset_confirm"})
STANDING_IN = frozenset({"acting:begin", "acting:end"})
READERS = frozenset({"finance:report_link", "finance:report_link_file"})
# What the desk reads of its own city.
EVERYTHING = frozenset({RESIDENT, STAFF, TEXT, PRIVATE, PUBLIC, FILE, MONEY})


def host_of(city: City | None) -> str:
    return f"{city.slug}.{PLATFORM}" if city else PLATFORM


@dataclass
class Person:
    """`sees`: kinds of marks of the own city, and `residents` whose names and addresses are theirs.

    On the platform `abroad` says what may be seen of the cities named in `cities`.
    """

    name: str
    city: City | None
    client: Client
    sees: frozenset[str] = frozenset({PUBLIC, FILE, MONEY})
    permissions: frozenset[str] = frozenset()
    residents: frozenset[int] = frozenset()
    cities: frozenset[str] = frozenset()
    # Sent with every request, as WSGI has it.
    headers: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    # Routes whose secret links came to this person.
    holds: frozenset[str] = frozenset()
    # What was seen in this episode: addresses, and forms with the address of their page.
    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, Form]] = field(default_factory=list)
    cookies: Any = None

    def __post_init__(self) -> None:
        self.cookies = SimpleCookie(self.client.cookies.output(header="", sep=";"))

    @property
    def host(self) -> str:
        return host_of(self.city)

    @property
    def urlconf(self) -> str:
        conf: str = settings.ROOT_URLCONF if self.city else settings.PUBLIC_SCHEMA_URLCONF
        return conf

    def may(self, name: str, access: str) -> bool:
        """Whether a line of the route table lets this person in, with rows of their own."""
        if access == LINK:
            return name in self.holds
        return access == OPEN or access in self.permissions or access in self.scopes

    def may_see(self, mark: Mark) -> bool:
        if mark.city not in self.cities:
            return False
        if mark.kind == RESIDENT and mark.row in self.residents:
            return True
        return mark.kind in self.sees

    def refreshed(self) -> None:
        """With the cookies of the beginning, and nothing in mind."""
        self.links, self.forms = [], []
        self.client.cookies = SimpleCookie(self.cookies.output(header="", sep=";"))


def _nobody(host: str) -> Client:
    return Client(headers={"host": host}, raise_request_exception=False)


def _signed_in(user: User, city: City | None, host: str) -> Client:
    client = _nobody(host)
    with inside(city):
        client.force_login(user)
    return client


def _in_city(world: World, other: World) -> list[Person]:
    city = world.city
    own = frozenset({city.slug})
    made = Make(city)

    def person(name: str, client: Client | None = None, **more: Any) -> Person:
        client = client or _nobody(host_of(city))
        return Person(f"{name} of {city.slug}", city, client, cities=own, **more)

    def staff(name: str, user: User) -> Person:
        client = _signed_in(user, city, host_of(city))
        granted = frozenset(user.permissions)
        return person(name, client, sees=EVERYTHING, permissions=granted)

    boss = Make(other.city).administrator
    askers = {
        question.asker.pk for question in (world.unconfirmed, world.asked_back, world.published)
    }
    acting = _nobody(host_of(city))
    with inside(city):
        begin = reverse("acting:begin", settings.ROOT_URLCONF, [world.links["acting"]])
    acting.post(begin)
    sees = frozenset({PUBLIC, FILE, MONEY})
    return [
        person("visitor"),
        person(
            "resident",
            residents=frozenset(askers),
            holds=RESIDENTS,
            # The own words, and the desk's question about them.
            sees=sees | {TEXT},
        ),
        person("unit", sees=sees | {TEXT, STAFF}, holds=UNITS),
        # Whoever accepts is at the desk.
        person("invited", sees=EVERYTHING, holds=INVITED),
        staff("moderator", made.moderator),
        staff("administrator", made.administrator),
        person("stranger", _signed_in(boss, other.city, host_of(city))),
        person(
            "stand-in",
            acting,
            holds=STANDING_IN,
            sees=EVERYTHING,
            permissions=frozenset(made.administrator.permissions),
        ),
    ]


def _on_platform(own: World, other: World) -> list[Person]:
    both = frozenset({own.city.slug, other.city.slug})
    made = Make(None)

    def person(name: str, user: User | None = None, **more: Any) -> Person:
        client = _signed_in(user, None, PLATFORM) if user else _nobody(PLATFORM)
        granted = frozenset(user.permissions) if user else frozenset()
        return Person(name, None, client, permissions=granted, **{"cities": both, **more})

    _row, token = tokens.create(by=OPERATOR, name=uuid4().hex, scopes=list(Scope.values), days=30)
    return [
        person("visitor", sees=frozenset({PUBLIC})),
        person("reader", sees=frozenset({MONEY}), holds=READERS),
        person("operator", made.operator, sees=frozenset({PUBLIC, MONEY, STAFF})),
        person("finance officer", made.user("finance"), sees=frozenset({PUBLIC, MONEY})),
        person(
            "viewer", own.viewer, sees=frozenset({PUBLIC, MONEY}), cities=frozenset({own.city.slug})
        ),
        person(
            "program",
            sees=frozenset({PUBLIC}),
            headers={"HTTP_AUTHORIZATION": f"Bearer {token}"},
            scopes=frozenset(TOKEN),
        ),
    ]


def people(own: World, other: World) -> list[Person]:
    """Everybody of both cities and of the platform."""
    return [*_in_city(own, other), *_in_city(other, own), *_on_platform(own, other)]
