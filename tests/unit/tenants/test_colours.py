"""Contrast of a city's accent, the nearest colour that passes, and its twin for dark."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bezpechne
from tenants.colours import (
    DARK,
    GROUNDS,
    LEAST,
    LIGHT,
    contrast,
    dark_twin,
    measure,
    nearest,
    parse,
    passes,
    worst,
)
from tenants.models import City

CSS = (Path(bezpechne.__file__).parent / "static" / "bezpechne" / "app.css").read_text()
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def block(selector: str) -> dict[str, str]:
    found = re.search(rf"{selector} \{{([^}}]*)\}}", CSS)
    assert found
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", found[1]))


def test_the_grounds_are_those_of_the_stylesheet() -> None:
    for theme, selector in ((LIGHT, r"\.theme-light, :root"), (DARK, r"\.theme-dark")):
        tokens = block(selector)
        assert GROUNDS[theme] == {name: tokens[name] for name in GROUNDS[theme]}


def test_the_forced_dark_theme_is_the_devices_dark_theme() -> None:
    dark = re.search(r"prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}", CSS)
    forced = re.search(r"\.theme-dark \{([^}]*)\}", CSS)
    assert dark
    assert forced
    assert dark[1].split() == forced[1].split()


def test_the_formula_gives_known_values() -> None:
    assert contrast(parse("#000000"), parse("#FFFFFF")) == pytest.approx(21)
    assert contrast(parse("#777777"), parse("#FFFFFF")) == pytest.approx(4.48, abs=0.01)


def test_the_platforms_own_colours_pass() -> None:
    city = City()
    assert passes(city.accent_light, LIGHT)
    assert passes(city.accent_dark, DARK)
    assert dark_twin(city.accent_light) == city.accent_dark


def test_yellow_on_white_is_measured_and_refused() -> None:
    found = worst("#FFD500", LIGHT)
    assert found.ratio < 1.6
    assert not found.passes
    assert {one.ground for one in measure("#FFD500", LIGHT)} == {
        "ground",
        "paper",
        "on-fill",
        "tint",
    }


def test_a_colour_that_passes_is_its_own_nearest() -> None:
    assert nearest("#0b57a4", LIGHT) == "#0B57A4"


@settings(deadline=None)
@given(colours)
def test_the_nearest_colour_passes_whatever_was_picked(colour: str) -> None:
    for theme in (LIGHT, DARK):
        assert worst(nearest(colour, theme), theme).ratio >= LEAST
    assert passes(dark_twin(colour), DARK)


@settings(deadline=None)
@given(colours)
def test_the_nearest_colour_goes_no_further_than_it_must(colour: str) -> None:
    """Half of the way would not do, unless nothing had to change."""
    found = nearest(colour, LIGHT)
    if found == colour:
        return
    assert worst(found, LIGHT).ratio < LEAST + 0.25
