"""What a program can notice of a page: see `Examination`."""

from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page

from tests.e2e.accessibility import RULES, Theme, faults

# Google's limit for «good» is 0.1; a page of text has no reason for half of it.
MOST_SHIFT = 0.05
_WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const node = entry.sources[0] && entry.sources[0].node;
    const what = node && node.outerHTML ? node.outerHTML.slice(0, 100) : "?";
    window.shifts.push([entry.value, what]);
  }
}).observe({type: "layout-shift", buffered: true});
"""
# Links, buttons and fields that are shown; of a group of radio buttons the keyboard reaches one.
_PREPARE_KEYS = """
() => {
  const shown = (element) => element.checkVisibility({visibilityProperty: true}) &&
    !element.closest("[inert], [aria-hidden='true']") && element.getClientRects().length;
  window.reachable = [...document.querySelectorAll(
    "a[href], button, input:not([type='hidden']), select, textarea, summary, [tabindex='0']"
  )].filter((element) => !element.disabled && shown(element));
  window.reached = new Set();
  document.addEventListener("focusin", (event) => window.reached.add(event.target));
  if (document.activeElement) document.activeElement.blur();
  window.scrollTo(0, 0);
  return window.reachable.length;
}
"""
_NOT_REACHED = """
() => {
  const groups = new Set([...window.reached]
    .filter((element) => element.type === "radio").map((element) => element.name));
  return window.reachable
    .filter((element) => !window.reached.has(element))
    .filter((element) => element.type !== "radio" || !groups.has(element.name))
    .map((element) => element.outerHTML.slice(0, 120));
}
"""


def watch_shifts(context: BrowserContext) -> None:
    """Before the first page of a context."""
    context.add_init_script(_WATCH_SHIFTS)


def shift(page: Page) -> Iterator[str]:
    """How much moved by itself since the page began to load."""
    page.wait_for_timeout(300)
    shifts: list[tuple[float, str]] = page.evaluate("() => window.shifts")
    total = sum(value for value, _what in shifts)
    if total > MOST_SHIFT:
        yield f"layout shift {total:.3f}: {max(shifts)[1]}"


def language(page: Page, wanted: str) -> Iterator[str]:
    """Of the document."""
    found = page.evaluate("() => document.documentElement.lang")
    if found != wanted:
        yield f"lang is {found!r}, not {wanted!r}"


def keyboard(page: Page) -> Iterator[str]:
    """What Tab does not reach. Moves the focus, and with it what is open."""
    number = page.evaluate(_PREPARE_KEYS)
    # A date has a stop for the day, the month, the year and its calendar.
    dates = page.locator("input[type='date']").count()
    for _ in range(number + 4 * dates + 5):
        page.keyboard.press("Tab")
    for element in page.evaluate(_NOT_REACHED):
        yield f"not reached by Tab: {element}"


def look(page: Page, theme: Theme) -> list[str]:
    """axe, and sideways scroll, in the theme that the page has now."""
    page.evaluate(AXE_SCRIPT)
    return faults(page, RULES[theme])
