"""The colours of `app.css` keep WCAG contrast in both themes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bezpechne

STYLESHEET = Path(bezpechne.__file__).parent / "static" / "bezpechne" / "app.css"
THEMES = ("light", "dark")
GROUNDS = ("ground", "paper")

Colour = tuple[float, float, float]
Tokens = dict[str, Colour]


def _parse(hex_colour: str) -> Colour:
    red, green, blue = (int(hex_colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def _tokens_in(block: str) -> Tokens:
    found = re.findall(r"--([a-z-]+):\s*(#[0-9A-Fa-f]{6})\s*;", block)
    return {name: _parse(value) for name, value in found}


def _root_blocks(css: str) -> Iterator[tuple[bool, str]]:
    """Each `:root` block that lists colours, with whether it is the dark one."""
    pattern = r"(@media \(prefers-color-scheme: dark\) \{\s*)?:root \{([^}]*)\}"
    for match in re.finditer(pattern, css):
        yield match.group(1) is not None, match.group(2)


@pytest.fixture(scope="module")
def themes() -> dict[str, Tokens]:
    light: Tokens = {}
    dark: Tokens = {}
    for is_dark, block in _root_blocks(STYLESHEET.read_text(encoding="utf-8")):
        (dark if is_dark else light).update(_tokens_in(block))
    assert set(light) == set(dark), "a colour must be named for both themes"
    return {"light": light, "dark": dark}


def _luminance(colour: Colour) -> float:
    def linear(channel: float) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour) -> float:
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(first: Colour, share: float, second: Colour) -> Colour:
    """As CSS `color-mix(in srgb, first share, second)`; `share` from 0 to 1."""
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def test_the_formula_gives_the_known_extremes() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", ["ink", "muted"])
def test_running_text_is_easy_to_read(
    themes: dict[str, Tokens], theme: str, ground: str, text: str
) -> None:
    assert contrast(themes[theme][text], themes[theme][ground]) >= 6


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("colour", ["accent", "waiting", "redirected", "answered", "danger"])
def test_coloured_words_are_legible(
    themes: dict[str, Tokens], theme: str, ground: str, colour: str
) -> None:
    assert contrast(themes[theme][colour], themes[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("fill", ["accent", "waiting", "redirected", "answered", "danger"])
def test_text_on_a_filled_colour_is_legible(
    themes: dict[str, Tokens], theme: str, fill: str
) -> None:
    assert contrast(themes[theme]["on-fill"], themes[theme][fill]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", ["waiting", "redirected", "answered", "muted"])
def test_a_status_on_its_own_tint_is_legible(
    themes: dict[str, Tokens], theme: str, colour: str
) -> None:
    tokens = themes[theme]
    assert contrast(tokens[colour], mix(tokens[colour], 0.09, tokens["paper"])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", ["ink", "muted", "accent"])
def test_text_on_a_lit_row_is_legible(themes: dict[str, Tokens], theme: str, text: str) -> None:
    tokens = themes[theme]
    assert contrast(tokens[text], mix(tokens["accent"], 0.09, tokens["paper"])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_hovered_button_only_gains_contrast(themes: dict[str, Tokens], theme: str) -> None:
    tokens = themes[theme]
    strong = mix(tokens["accent"], 0.82, tokens["ink"])
    assert contrast(strong, tokens["on-fill"]) >= contrast(tokens["accent"], tokens["on-fill"])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("edge", ["control", "accent", "danger"])
def test_edges_of_controls_and_the_focus_ring_are_visible(
    themes: dict[str, Tokens], theme: str, ground: str, edge: str
) -> None:
    assert contrast(themes[theme][edge], themes[theme][ground]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [("on-strip", "strip"), ("ink", "mark"), ("ink", "land"), ("muted", "land")],
)
def test_words_on_other_surfaces_are_legible(
    themes: dict[str, Tokens], theme: str, text: str, ground: str
) -> None:
    assert contrast(themes[theme][text], themes[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", ["waiting", "answered", "redirected"])
def test_pins_stand_out_from_the_plain_map(
    themes: dict[str, Tokens], theme: str, status: str
) -> None:
    assert contrast(themes[theme][status], themes[theme]["land"]) >= 3
