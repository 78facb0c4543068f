"""Words planted in both cities, so that what appears where it may not is seen at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import CharField, F, Model, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from bezpechne.accounts.actions import reset_tokens
from bezpechne.accounts.models import Invitation, User
from billing.models import Payer
from community.answers import links as unit_links
from community.answers.models import Answer, Letter, Routing, Unit
from community.questions.models import Asker, Photo, Question, Remark
from community.questions.states import PUBLIC as PUBLIC_STATES
from tenants.models import City
from tests.factories import inside
from tests.worlds import World

# City, kind, row: `qz-poltava-resident-12-`, in any letter case.
MARK = re.compile(r"qz-([a-z]+)-([a-z]+)-(\d+)-", re.IGNORECASE)
# Of residents, the desk's people, texts that are not published, what never will be, what the city's
# site shows, files, and the ledger.
RESIDENT, STAFF, TEXT, PRIVATE = "resident", "staff", "text", "private"
PUBLIC, FILE, MONEY = "public", "file", "money"
KINDS = (RESIDENT, STAFF, TEXT, PRIVATE, PUBLIC, FILE, MONEY)

Fields = tuple[str, ...]
# Rows of a city: names and texts get the mark behind them, addresses consist of it.
NAMES: tuple[tuple[type[Model], str, Fields, Q], ...] = (
    (Asker, RESIDENT, ("name",), Q()),
    (User, STAFF, ("name",), Q()),
    (Invitation, STAFF, ("name",), Q()),
    (Question, TEXT, ("text", "place"), Q(is_private=False)),
    (Question, PRIVATE, ("text", "place"), Q(is_private=True)),
    (Question, PUBLIC, ("public_text", "public_place"), ~Q(public_text="") & ~Q(state="hidden")),
    (Question, TEXT, ("public_text", "public_place"), Q(state="hidden")),
    (Question, STAFF, ("hidden_reason",), ~Q(hidden_reason="")),
    (Remark, TEXT, ("text",), Q()),
    (Unit, PUBLIC, ("name_uk",), Q()),
    (Routing, STAFF, ("note",), Q()),
    (Answer, TEXT, ("text", "competence", "next_step"), Q(question__is_private=False)),
    (Answer, PRIVATE, ("text", "competence", "next_step"), Q(question__is_private=True)),
    (Answer, PUBLIC, ("public_text",), ~Q(public_text="") & Q(question__is_private=False)),
    (Answer, PRIVATE, ("public_text",), Q(question__is_private=True)),
    (Letter, STAFF, ("name",), Q()),
)
ADDRESSES: tuple[tuple[type[Model], str, Q], ...] = (
    (Asker, RESIDENT, Q()),
    (Unit, STAFF, ~Q(email="")),
    (Invitation, STAFF, Q()),
)


@dataclass(frozen=True)
class Mark:
    """What was found in a response."""

    city: str
    kind: str
    row: int


def found_in(text: str) -> set[Mark]:
    return {Mark(city, kind, int(row)) for city, kind, row in MARK.findall(text.lower())}


def is_published(mark: Mark, city: City) -> bool:
    """Whether the desk has made a question's text public since it was marked."""
    words = f"qz-{mark.city}-{mark.kind}-{mark.row}-"
    with inside(city):
        row = Question.objects.filter(pk=mark.row, state__in=PUBLIC_STATES).first()
        return row is not None and words in f"{row.public_text} {row.public_place}".lower()


def plant(world: World) -> World:
    """Marks the rows and files of a city; returns the world with the links that depend on them."""
    city = world.city
    with inside(city):
        for model, kind, fields, which in NAMES:
            rows: Any = model._default_manager.filter(which)
            rows.update(**{name: Concat(F(name), Value(" "), _mark(city, kind)) for name in fields})
        for model, kind, which in ADDRESSES:
            rows = model._default_manager.filter(which)
            rows.update(email=Concat(_mark(city, kind), Value("@example.org")))
        colleague = User.objects.get(pk=world.colleague.pk)
        unit = Unit.objects.get(pk=world.unit.pk)
        world.links["address"] = unit_links.address_token(unit)
    payer = Payer.objects.filter(pk=world.payer.pk)
    payer.update(name=Concat(F("name"), Value(" "), _mark(city, MONEY)))
    address = f"qz-{city.slug}-{PUBLIC}-{city.pk}-@example.org"
    City.objects.filter(pk=city.pk).update(contact_email=address)
    with inside(city):
        keys = Photo.objects.filter(question__is_private=True).values_list("key", flat=True)
        private = {key.hex for key in keys}
    for path in files_of(city):
        kind = PRIVATE if path.name.partition("-")[0] in private else FILE
        # JPEG, PNG and PDF end before it, for whoever reads them.
        path.write_bytes(path.read_bytes() + f"qz-{city.slug}-{kind}-0-".encode())
    return replace(
        world,
        city=City.objects.get(pk=city.pk),
        reset_uid=urlsafe_base64_encode(force_bytes(colleague.pk)),
        reset_token=reset_tokens.make_token(colleague),
    )


def files_of(city: City) -> Iterator[Path]:
    """Photos and letters; a logo is named by what is in it."""
    folder = Path(settings.MEDIA_ROOT) / city.schema_name
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "branding" not in path.parts:
            yield path


def _mark(city: City, kind: str) -> Any:
    return Concat(
        Value(f"qz-{city.slug}-{kind}-"),
        Cast("pk", CharField()),
        Value("-"),
        output_field=CharField(),
    )
