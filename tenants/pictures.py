"""Pictures of a city that others show: its icon in a browser's tab and the card under a shared link.

Drawn from the city's row alone, so they can tell nothing else. Typst turns them into PNG with the
fonts that it carries itself.
"""

import json
import math
from functools import lru_cache
from typing import Any

import typst
from shapely import Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from tenants.models import City

CARD = (1200, 630)
# The platform's mark on 30 × 36: a shield, and a word bubble in it.
_SHIELD = (
    "M15 0c4 2.6 8.7 4 13.4 4.1.9 0 1.6.7 1.6 1.6v8.8c0 9.5-6.3 17-14.3 21.3-.4.2-1 .2-1.4 0"
    "C6.3 31.5 0 24 0 14.5V5.7c0-.9.7-1.6 1.6-1.6C6.3 4 11 2.6 15 0z"
)
_BUBBLE = (
    "M15 7.6a7.9 7.9 0 0 1 7.9 7.9c0 4.4-3.5 7.9-7.9 7.9-1 0-2-.2-2.9-.6l-3.7 1.4a.7.7 0 0 1-.9-.9"
    "l1.1-3.4a7.9 7.9 0 0 1 6.4-12.3z"
)
_DROP = "M14 35.2C11.6 29.4 1.2 23 1.2 13.6a12.8 12.8 0 0 1 25.6 0C26.8 23 16.4 29.4 14 35.2z"
_DISC = "M11.3 25h5.4v7.6a2.7 2.7 0 0 1-5.4 0z"
# Side of the square in which the card draws the outline.
_MAP = 470
_MAX_POINTS = 1500
_PAGE = """
#let d = json(bytes(sys.inputs.data))
#set page(width: d.width * 1pt, height: d.height * 1pt, margin: 0pt, fill: none)
#set text(lang: d.language, font: "Libertinus Serif", fill: rgb("#16222C"), hyphenate: false)
#place(image(bytes(d.drawing), format: "svg", width: 100%, height: 100%))
#if d.lines.len() > 0 {
  // Bytes, of which a Cyrillic letter has two.
  let size = if d.lines.at(1).len() > 28 { 54pt } else { 84pt }
  set par(leading: 0.45em)
  place(dx: 72pt, dy: 186pt, block(width: 580pt, stack(
    spacing: 30pt,
    text(size: 34pt, fill: rgb(d.accent), weight: "semibold", d.lines.at(0)),
    text(size: size, weight: "bold", d.lines.at(1)),
    text(size: 30pt, fill: rgb("#4E5D69"), d.lines.at(2)),
  )))
}
"""


def icon_svg(city: City) -> str:
    """The mark in the city's accent, for both themes."""
    light, dark = city.accent_light, city.accent_dark
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 0 36 36"><style>#a{fill:'
        f"{light}}}#b{{fill:#fff}}@media (prefers-color-scheme:dark){{#a{{fill:{dark}}}"
        f'#b{{fill:#10181f}}}}</style><path id="a" d="{_SHIELD}"/><path id="b" d="{_BUBBLE}"/></svg>'
    )


@lru_cache(maxsize=64)
def icon_png(accent: str, size: int) -> bytes:
    """The mark on a white square of `size` pixels; a fifth around it may be cut to any shape."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60"><path fill="#fff" '
        f'd="M0 0h60v60H0z"/><g transform="translate(15 12)">{_mark(accent)}</g></svg>'
    )
    return _png(drawing, size, size)


def card_png(city: City, language: str, tagline: str) -> bytes:
    """1200 × 630: the city's name and shape; called with the language in force."""
    return _card(
        city.accent_light,
        language,
        ("Bezpechne" if language == "en" else "Безпечне", city.name, tagline),
        json.dumps(city.outline),
    )


@lru_cache(maxsize=64)
def _card(accent: str, language: str, lines: tuple[str, str, str], area: str) -> bytes:
    width, height = CARD
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<path fill="#F4F6F7" d="M0 0h{width}v{height}H0z"/>'
        f'<path fill="{accent}" d="M0 0h{width}v12H0z"/>'
        f'<g transform="translate(72 72) scale(2.2)">{_mark(accent)}</g>'
        f'<g transform="translate(672 80)">{_map(json.loads(area), accent)}</g></svg>'
    )
    return _png(drawing, width, height, accent=accent, language=language, lines=lines)


def _mark(accent: str) -> str:
    return f'<path fill="{accent}" d="{_SHIELD}"/><path fill="#fff" d="{_BUBBLE}"/>'


def _map(area: Any, accent: str) -> str:
    """The outline in a square, with a pin that waits and one that is answered."""
    geometry = _geometry(area)
    if geometry is None:
        return f'<g transform="translate(90 20) scale(12)" opacity=".16">{_mark(accent)}</g>'
    west, south, east, north = geometry.bounds
    # A degree of longitude is shorter than one of latitude.
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _MAP / max((east - west) * squeeze, north - south)
    left = (_MAP - (east - west) * squeeze * scale) / 2
    top = (_MAP - (north - south) * scale) / 2

    def at(lon: float, lat: float) -> str:
        x = left + (lon - west) * squeeze * scale
        return f"{x:.1f} {top + (north - lat) * scale:.1f}"

    rings = [ring for part in _parts(geometry) for ring in [part.exterior, *part.interiors]]
    path = "".join("M" + "L".join(at(lon, lat) for lon, lat in ring.coords) + "z" for ring in rings)
    inside = geometry.representative_point()
    x, y = (float(one) for one in at(inside.x, inside.y).split())
    return (
        f'<path fill="#fff" fill-rule="evenodd" stroke="{accent}" stroke-width="4" '
        f'stroke-linejoin="round" d="{path}"/>'
        f'<g transform="translate({x - 66:.1f} {y - 84:.1f}) scale(2)" stroke="#fff">'
        f'<path fill="#B42318" d="{_DROP}"/><g fill="none" stroke-width="2.8" stroke-linecap="round">'
        '<path d="M10.1 10.6a4 4 0 1 1 5.7 3.7c-1.2.6-1.8 1.3-1.8 2.6"/></g>'
        '<circle cx="14" cy="20.9" r="1.75" fill="#fff" stroke="none"/></g>'
        f'<g transform="translate({x + 14:.1f} {y - 40:.1f}) scale(2)" stroke="#fff">'
        f'<path fill="#17703A" d="{_DISC}"/><circle cx="14" cy="13.6" r="12.8" fill="#17703A"/>'
        '<path fill="none" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" '
        'd="M8.4 14.1l3.8 3.8 7.4-8"/></g>'
    )


def _geometry(area: Any) -> BaseGeometry | None:
    """The outline with as many points as a card can show; None where there is none."""
    try:
        whole = shape(area)
    except (ShapelyError, ValueError, KeyError, TypeError, AttributeError):
        return None
    west, south, east, north = whole.bounds
    simple = whole.simplify(max(east - west, north - south) / _MAX_POINTS)
    return simple if _parts(simple) else None


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    return [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]


def _png(
    drawing: str,
    width: int,
    height: int,
    *,
    accent: str = "",
    language: str = "uk",
    lines: tuple[str, ...] = (),
) -> bytes:
    data = {
        "drawing": drawing,
        "width": width,
        "height": height,
        "accent": accent,
        "language": language,
        "lines": lines,
    }
    # One point a pixel.
    made = typst.compile(
        _PAGE.encode(), format="png", ppi=72, sys_inputs={"data": json.dumps(data)}
    )
    if not isinstance(made, bytes):
        raise TypeError("A picture is one file.")
    return made
