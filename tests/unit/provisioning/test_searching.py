"""What the files beside the gazetteer say fits the gazetteer."""

import json
import re

from provisioning.gazetteer.places import CRIMEA, read_places
from provisioning.gazetteer.war import OCCUPIED, PARTLY, occupation_of
from provisioning.wizard.searching import _OLD_NAMES, all_places, crimea
from tenants.models import SLUG_PATTERN


def test_every_former_name_leads_to_a_place_that_is_not_called_so() -> None:
    names = json.loads(_OLD_NAMES.read_text(encoding="utf-8"))["names"]
    places = {place.code: place for place in all_places()}
    for name, code in names.items():
        assert places[code].centre_uk != name


def test_crimea_stands_apart_and_collides_with_nobody() -> None:
    rows = read_places(CRIMEA)
    assert len(rows) == 304
    assert all(row.code.startswith(("UA01", "UA85")) and row.lat is None for row in rows)
    slugs = [row.slug for row in rows]
    assert len(set(slugs)) == len(slugs)
    assert not set(slugs) & {place.slug for place in all_places()}
    assert all(re.fullmatch(SLUG_PATTERN, slug) and len(slug) <= 40 for slug in slugs)


def test_occupation_is_told_by_the_code_alone() -> None:
    assert {occupation_of(row.code) for row in crimea()} == {OCCUPIED}
    assert {occupation_of(row.code) for row in all_places()} == {PARTLY, ""}
    assert occupation_of("UA53080370000025447") == ""
