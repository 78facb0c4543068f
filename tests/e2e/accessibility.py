"""axe on a page as it is shown on a phone and a desk, in both themes; the CSP stays in force."""

import os
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = {360: 780, 1280: 900}
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
_RUN = """
(rules) => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
}).then((results) => results.violations)
"""
# Every rule in the light; in the dark those that a theme can break.
RULES: dict[Theme, list[str]] = {
    "light": [],
    "dark": ["color-contrast", "link-in-text-block"],
}
# What is wider than the window, if anything makes the page scroll sideways.
_TOO_WIDE = """
() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))
    .slice(0, 3)
    .concat([`page ${document.documentElement.scrollWidth}px`])
"""


class Inspection:
    """Looks at pages one after another and keeps what it finds, so that one run tells all."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        folder = os.environ.get("E2E_SCREENSHOTS")
        self._screenshots = Path(folder) if folder else None

    def __call__(self, page: Page, name: str) -> None:
        """Inspects what `page` shows now, in every width and theme."""
        page.evaluate(AXE_SCRIPT)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                self._look(page, f"{name} {width} {theme}", RULES[theme])

    def _look(self, page: Page, name: str, rules: list[str]) -> None:
        if self._screenshots:
            path = self._screenshots / f"{name.replace(' ', '-')}.png"
            page.screenshot(path=path, full_page=True)
        self.problems += [f"{name}: {found}" for found in faults(page, rules)]


def faults(page: Page, rules: list[str]) -> list[str]:
    """What axe (by all rules, if none is named) and the scroll bar say; axe is in the page."""
    wide = page.evaluate(_TOO_WIDE)
    found = [f"too wide: {wide}"] if wide else []
    return found + [_told(violation) for violation in page.evaluate(_RUN, rules)]


def _told(violation: dict[str, Any]) -> str:
    """Rule, and where: `color-contrast: .meta > a, …`."""
    nodes = violation["nodes"]
    where = ", ".join(str(node["target"][0]) for node in nodes[:3])
    why = nodes[0]["any"] or nodes[0]["all"] or nodes[0]["none"]
    message = why[0]["message"] if why else violation["help"]
    return f"{violation['id']} ({len(nodes)}): {where}: {message}"
