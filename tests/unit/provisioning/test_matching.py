"""What a typed name means, over the whole gazetteer."""

# ruff: noqa: RUF001 - Ukrainian names.
import re
from collections import Counter
from pathlib import Path

import pytest

from bezpechne.kernel.sorting import ukrainian_key
from provisioning.gazetteer.matching import Place, find
from provisioning.gazetteer.places import (
    CHECKED,
    GAZETTEER,
    MISPLACED,
    MISSING,
    UNCHECKED,
    read_places,
    write_places,
)
from tenants.romanisation import romanise

PLACES = read_places()
POLTAVA = "UA53080370000025447"
KYIV = "UA80000000000093317"


def codes(found: list[Place]) -> list[str]:
    return [place.code for place in found]


@pytest.mark.parametrize(
    "query",
    [
        "Полтава",
        "полтава",
        "  ПОЛТАВА ",
        "м. Полтава",
        "м.Полтава",
        "м Полтава",
        "місто Полтава",
        "Полтавська",
        "Полтавська громада",
        "Полтавська міська громада",
        "Полтавська територіальна громада",
        "полтавська міська територіальна громада",
        "Полтавська міська",
        "Poltava",
        "poltava",
        POLTAVA,
        "ua53080370000025447",
        "UA53080370010073240",
    ],
)
def test_poltava_is_found_by_each_of_its_names(query: str) -> None:
    match = find(query, PLACES)
    assert codes(match.exact) == [POLTAVA]
    assert match.nearest == []


@pytest.mark.parametrize("query", ["Київ", "м. Київ", "Kyiv", KYIV])
def test_kyiv_is_found_though_it_has_no_hromada(query: str) -> None:
    [kyiv] = find(query, PLACES).exact
    assert (kyiv.code, kyiv.kind, kyiv.raion_uk) == (KYIV, "K", "")


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "`", ""])
def test_any_apostrophe_finds_sloviansk(apostrophe: str) -> None:
    [place] = find(f"Слов{apostrophe}янськ", PLACES).exact
    assert place.slug == "sloviansk"


@pytest.mark.parametrize("hyphen", ["-", " - ", "‑", "–"])
def test_any_hyphen_finds_ivano_frankivsk(hyphen: str) -> None:
    assert [place.slug for place in find(f"Івано{hyphen}Франківськ", PLACES).exact] == [
        "ivano-frankivsk"
    ]


def test_a_shared_name_returns_every_bearer_in_ukrainian_order() -> None:
    found = find("Миколаївка", PLACES).exact
    expected = [place for place in PLACES if place.centre_uk == "Миколаївка"]
    assert len(expected) > 5
    assert sorted(codes(found)) == sorted(codes(expected))
    oblasts = [place.oblast_uk for place in found]
    assert oblasts == sorted(oblasts, key=ukrainian_key)


def test_a_big_city_does_not_hide_its_small_namesake() -> None:
    assert [place.slug for place in find("Миколаїв", PLACES).exact] == [
        "mykolaiv-lvivska",
        "mykolaiv-mykolaivska",
    ]


def test_a_name_given_with_its_type_leaves_the_other_types_out() -> None:
    everyone = find("Миколаївська громада", PLACES).exact
    rural = find("Миколаївська сільська громада", PLACES).exact
    assert {place.type_uk for place in everyone} == {"міська", "селищна", "сільська"}
    assert codes(rural) == codes([place for place in everyone if place.type_uk == "сільська"])


def test_a_type_that_nobody_has_leaves_nobody_out() -> None:
    assert codes(find("Полтавська сільська громада", PLACES).exact) == [POLTAVA]


@pytest.mark.parametrize(
    "oblast",
    [
        "Львівська",
        "львівська область",
        "Львівська обл.",
        "Lvivska",
        "lvivska oblast",
    ],
)
def test_an_oblast_narrows_the_search(oblast: str) -> None:
    assert [place.slug for place in find("Миколаїв", PLACES, oblast).exact] == ["mykolaiv-lvivska"]


def test_kyiv_is_not_in_the_oblast_around_it() -> None:
    assert find("Київ", PLACES, "Київська").exact == []
    assert codes(find("Київ", PLACES, "Київ").exact) == [KYIV]


def test_an_empty_oblast_is_no_filter_and_an_unknown_one_holds_nothing() -> None:
    assert codes(find("Полтава", PLACES, " ").exact) == [POLTAVA]
    match = find("Полтава", PLACES, "Галицька")
    assert (match.exact, match.nearest) == ([], [])


def test_a_misspelled_name_is_only_suggested() -> None:
    match = find("Полтвва", PLACES)
    assert match.exact == []
    assert codes(match.nearest)[0] == POLTAVA
    assert len(match.nearest) <= 5
    assert match == find("Полтвва", PLACES[::-1])


@pytest.mark.parametrize("query", ["", "   ", "’", "UA99999999999999999", "qqqqqqqq"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    match = find(query, PLACES)
    assert (match.exact, match.nearest) == ([], [])


def test_the_table_holds_1469_hromadas_and_kyiv_sorted_by_code() -> None:
    assert Counter(place.kind for place in PLACES) == {"H": 1469, "K": 1}
    assert codes(PLACES) == sorted({place.code for place in PLACES})
    assert not [place for place in PLACES if place.code.startswith(("UA01", "UA85"))]


def test_every_code_is_katottg_and_the_centre_lies_in_its_hromada() -> None:
    for place in PLACES:
        assert re.fullmatch(r"UA\d{17}", place.code)
        assert re.fullmatch(r"UA\d{17}", place.centre_code)
        assert place.centre_code[:9] == place.code[:9]


def test_slugs_are_unique_and_fit_a_host_name() -> None:
    slugs = [place.slug for place in PLACES]
    assert len(set(slugs)) == len(slugs)
    for slug in slugs:
        assert len(slug) <= 40
        assert re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", slug)


def test_points_are_in_ukraine_where_trusted_and_absent_elsewhere() -> None:
    for place in PLACES:
        assert place.trust in {CHECKED, UNCHECKED, MISPLACED, MISSING}
        if place.trust in {MISPLACED, MISSING}:
            assert place.lat is None
            assert place.lon is None
        else:
            assert place.lat is not None
            assert place.lon is not None
            assert 44 < place.lat < 53
            assert 22 < place.lon < 41
    assert sum(place.lat is not None for place in PLACES) > 1400


def test_english_names_follow_the_rule() -> None:
    assert all(place.centre_en == romanise(place.centre_uk) for place in PLACES)


def test_each_place_is_found_by_its_code_slug_and_names() -> None:
    for place in PLACES[::25]:
        for query in (place.code, place.centre_code, place.slug, place.centre_uk, place.name_uk):
            assert place in find(query, PLACES).exact, query


def test_the_file_is_written_as_it_was_read(tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    write_places(PLACES[::-1], copy)
    assert copy.read_bytes() == GAZETTEER.read_bytes()
