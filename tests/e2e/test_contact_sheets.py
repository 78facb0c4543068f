"""The tour of all pages is run by hand; here, that it would notice."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.e2e.accessibility import THEMES, WIDTHS
from tests.e2e.contact_sheets.grid import A_SHEET, COLUMNS, sheets
from tests.e2e.contact_sheets.tour import Tour
from tests.e2e.steps import WorkingCity

# After the page has come: something above pushes the rest down, and so on.
_PLANT = """
setTimeout(() => {
  const bad = document.createElement("div");
  bad.innerHTML = '<a href="/" tabindex="-1">unreachable</a><img src="/static/none.svg"><p style="top: 0">styled</p>';
  bad.style.cssText = "height: 400px; width: 2000px";
  document.body.prepend(bad);
  document.documentElement.lang = "xx";
  console.error("planted");
}, 100);
"""


def test_a_tour_notices_what_is_wrong_and_makes_sheets(
    city: WorkingCity, browser: Browser, tmp_path: Path
) -> None:
    pictures, folder = tmp_path / "pictures", tmp_path / "sheets"
    pictures.mkdir()
    folder.mkdir()
    tour = Tour(browser, pictures, "visitor", "uk")
    tour.visit("about", city.at("/about/"))
    assert tour.problems == []
    tour.context.add_init_script(f"addEventListener('load', () => {{ {_PLANT} }})")
    tour.visit("spoilt", city.at("/about/"))
    tour.leave()
    for sign in (
        "360: layout shift ",
        "360 light: too wide",
        "360 light: image-alt",
        "360: not reached by Tab: <a href=./. tabindex",
        "lang is 'xx'",
        "console: planted",
        "404 .*/static/none.svg",
        "CSP: style-src",
    ):
        assert any(re.search(f"visitor uk spoilt.*{sign}", found) for found in tour.problems), (
            sign,
            tour.problems,
        )
    tour.write(folder)
    assert {path.name for path in folder.iterdir()} == {
        f"visitor-uk-{width}-{theme}-1.png" for width in WIDTHS for theme in THEMES
    }


def test_a_dozen_pages_make_a_sheet(tmp_path: Path) -> None:
    pictures = []
    for at in range(A_SHEET + 1):
        path = tmp_path / f"page-{at}.png"
        Image.new("RGB", (360, 300 + 5000 * (at == 0)), "white").save(path)
        pictures.append((f"page {at}", path))
    made = sheets(pictures, 360, tmp_path / "sheet")
    assert [path.name for path in made] == ["sheet-1.png", "sheet-2.png"]
    columns, wide = COLUMNS[360]
    with Image.open(made[0]) as first, Image.open(made[1]) as second:
        assert first.width == second.width >= columns * wide
        # The tall page is cut, and only its row is as tall.
        assert second.height < first.height < 2000
