"""A city's accent colour: WCAG contrast, the nearest colour that passes, its twin for dark.

The grounds are those of `app.css`; a test keeps them equal.
"""

import colorsys
import re
from bisect import bisect_left
from dataclasses import dataclass

Colour = tuple[float, float, float]

HEX = re.compile(r"#[0-9A-Fa-f]{6}")
LIGHT, DARK = "light", "dark"
# Page, card, and the words on a button that the accent fills.
GROUNDS = {
    LIGHT: {"ground": "#F4F6F7", "paper": "#FFFFFF", "on-fill": "#FFFFFF"},
    DARK: {"ground": "#10181F", "paper": "#18222B", "on-fill": "#10181F"},
}
# Share of the accent in the ground of a lit row.
TINT = 0.09
LEAST = 4.5
# What a computed dark twin aims at: a colour at the limit looks dull on dark grounds.
COMFORTABLE = 6.5
_STEPS = 400
# The platform's own pair, chosen by eye.
PLATFORM = {LIGHT: "#0B57A4", DARK: "#7DB8F5"}


@dataclass(frozen=True)
class Measured:
    """Contrast of the accent with one ground; `ground` is a key of GROUNDS or `tint`."""

    ground: str
    ratio: float

    @property
    def passes(self) -> bool:
        return self.ratio >= LEAST


def parse(text: str) -> Colour:
    """«#0B57A4» as three numbers up to 1."""
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def written(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _tint(colour: Colour, paper: Colour) -> Colour:
    red, green, blue = (
        TINT * own + (1 - TINT) * other for own, other in zip(colour, paper, strict=True)
    )
    return red, green, blue


def measure(text: str, theme: str) -> list[Measured]:
    """The accent beside everything it stands on or under in one theme."""
    colour = parse(text)
    grounds = {name: parse(value) for name, value in GROUNDS[theme].items()}
    grounds["tint"] = _tint(colour, grounds["paper"])
    return [
        # Cut, never rounded up: 4.499 is not 4.5.
        Measured(name, int(contrast(colour, ground) * 100) / 100)
        for name, ground in grounds.items()
    ]


def worst(text: str, theme: str) -> Measured:
    """Where the colour is hardest to read."""
    return min(measure(text, theme), key=lambda measured: measured.ratio)


def passes(text: str, theme: str) -> bool:
    return worst(text, theme).passes


def nearest(text: str, theme: str, least: float = LEAST) -> str:
    """The same hue, darker on light grounds and lighter on dark ones, until it can be read."""
    if worst(text, theme).ratio >= least:
        return text.upper()
    hue, lightness, saturation = colorsys.rgb_to_hls(*parse(text))
    end = 0.0 if theme == LIGHT else 1.0

    def at(step: int) -> str:
        tried = lightness + (end - lightness) * step / _STEPS
        return written(colorsys.hls_to_rgb(hue, tried, saturation))

    # Contrast only grows on the way to black or white.
    step = bisect_left(range(_STEPS), least, key=lambda step: worst(at(step), theme).ratio)
    return at(step)


def dark_twin(light: str) -> str:
    """The accent for dark grounds, of the same hue."""
    if light.upper() == PLATFORM[LIGHT]:
        return PLATFORM[DARK]
    return nearest(light, DARK, COMFORTABLE)
