"""Reads templates: the rows, the one that fits a hromada, the settings of a living city."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django_tenants.utils import tenant_context

from community.answers.models import Unit
from community.answers.states import UnitKind
from community.questions.catalogue import START_PRIVATE
from community.questions.models import Topic
from provisioning.city_templates.contents import (
    OBLAST_CENTRE,
    RURAL,
    TOWN,
    Contents,
    TopicLine,
    UnitLine,
    originals,
)
from provisioning.models import CityTemplate, Hromada, Kind
from tenants.models import City

# A settlement of this size has the units of a town, whatever its hromada is called.
TOWN_POPULATION = 10_000
# Oblasts that are not called after their centre; the adjective of the centre's hromada.
_CENTRES = {
    "Волинська": "Луцька",
    "Дніпропетровська": "Дніпровська",
    "Закарпатська": "Ужгородська",
    "Кіровоградська": "Кропивницька",
}
# A text about whom to write to or call is about people, with an address in it or without.
_PERSONAL = frozenset({"contacts"})
_ADDRESS = re.compile(r"@|\+?\d[\d\s()-]{7,}\d")


@dataclass(frozen=True)
class Listed:
    """A template with how many cities were made of it, and whether it differs from its original."""

    row: CityTemplate
    cities: int

    @property
    def changed(self) -> bool:
        return self.row.is_built_in and not is_original(self.row)

    @property
    def may_be_deleted(self) -> bool:
        return not self.row.is_built_in and not self.cities


def is_original(row: CityTemplate) -> bool:
    """A built-in template as it was shipped."""
    original = originals()[row.code]
    columns = {**Contents.read(original).columns(), "name_uk": original["name_uk"]}
    columns["name_en"] = original["name_en"]
    return all(getattr(row, column) == value for column, value in columns.items())


def listed() -> list[Listed]:
    """All of them, the built-in ones first; two queries for any number."""
    uses = Counter(City.objects.exclude(template_code="").values_list("template_code", flat=True))
    return [Listed(row, uses[row.code]) for row in CityTemplate.objects.all()]


def contents_of(code: str) -> Contents:
    """What the template says; a built-in one whose row is gone says what it was shipped with.

    Raises LookupError when there is no such template.
    """
    row = CityTemplate.objects.filter(code=code).first()
    if row is not None:
        return Contents.read(_data(row))
    if code in originals():
        return Contents.read(originals()[code])
    raise LookupError(code)


def _data(row: CityTemplate) -> dict[str, Any]:
    return {"topics": row.topics, "units": row.units, "wording": row.wording, "zoom": row.zoom}


def proposed_for(hromada: Hromada) -> str:
    """The code of the built-in template that fits; the operator may choose another."""
    adjective = _CENTRES.get(hromada.oblast_uk, hromada.oblast_uk)
    if hromada.kind == Kind.CITY or (hromada.type_uk == "міська" and hromada.name_uk == adjective):
        return OBLAST_CENTRE
    if hromada.type_uk == "міська" or (hromada.population or 0) >= TOWN_POPULATION:
        return TOWN
    return RURAL


def settings_of(city: City) -> Contents:
    """A living city's topics, units, wording and colours: nothing of its people or questions.

    Contacts of units stay behind, and so does every text that holds an address or a phone number.
    """
    with tenant_context(city):
        topics = tuple(
            TopicLine(code=row.code, name_uk=row.name_uk, name_en=row.name_en)
            for row in Topic.objects.filter(is_active=True)
            # A template knows the catalogue's private topics alone: another would start public.
            if not row.is_private or row.code in START_PRIVATE
        )
        units = tuple(
            UnitLine(
                kind=_kind(row),
                name_uk=row.name_uk,
                name_en=row.name_en or row.name_uk,
            )
            for row in Unit.objects.filter(is_active=True).order_by("-is_liaison", "id")
        )
    wording = {
        key: texts
        for key, texts in city.wording.items()
        if key not in _PERSONAL and not any(_ADDRESS.search(str(text)) for text in texts.values())
    }
    return Contents(
        topics=topics,
        units=units,
        wording=wording,
        accent_light=city.accent_light,
        accent_dark=city.accent_dark,
    )


def _kind(unit: Unit) -> str:
    """In a city any unit may be the liaison; in a template the kind says which one it is."""
    if unit.is_liaison:
        return UnitKind.LIAISON
    return UnitKind.OTHER if unit.kind == UnitKind.LIAISON else unit.kind
