"""Pictures of a city that others show: its icon in a browser's tab and the card under a shared link.

Drawn from the city's row alone, so they can tell nothing else. Typst turns them into PNG with the
fonts that it carries itself.
"""

import json
import math
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from shapely import Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from tenants.models import City

CARD = (1200, 630)
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
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 0 36 36"><style>'
        f"g{{color:{city.accent_light};fill:#fff}}@media (prefers-color-scheme:dark){{"
        f"g{{color:{city.accent_dark};fill:#10181f}}}}</style><g>{_symbol('mark')}</g></svg>"
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


@cache
def _symbol(name: str) -> str:
    """What a symbol of the sprite consists of; it takes `color`, `fill` and `stroke` from around it."""
    sprite = Path(settings.PACKAGE_DIR, "static/bezpechne/icons.svg").read_text(encoding="utf-8")
    found = re.search(rf'<symbol id="{name}"[^>]*>(.*?)</symbol>', sprite, re.DOTALL)
    if found is None:
        raise LookupError(name)
    return found[1].strip()


def _mark(accent: str) -> str:
    return f'<g color="{accent}" fill="#fff">{_symbol("mark")}</g>'


def _pin(name: str, colour: str, x: float, y: float) -> str:
    """Twice as large as on a map."""
    return (
        f'<g transform="translate({x:.1f} {y:.1f}) scale(2)" color="{colour}" fill="#fff" '
        f'stroke="#fff">{_symbol(f"pin-{name}")}</g>'
    )


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
        + _pin("waiting", "#B42318", x - 66, y - 84)
        + _pin("answered", "#17703A", x + 14, y - 40)
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
