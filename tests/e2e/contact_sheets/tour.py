"""One person in one language, from page to page."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page

from tests.e2e.accessibility import THEMES, WIDTHS
from tests.e2e.browsing import Watch
from tests.e2e.contact_sheets import examine
from tests.e2e.contact_sheets.grid import sheets


class Tour:
    """Collects pictures by width and theme, and `problems`, each with the page's name."""

    def __init__(
        self,
        browser: Browser,
        pictures: Path,
        who: str,
        language: str,
        cookie: dict[str, str] | None = None,
    ) -> None:
        self._who, self._language, self._folder = who, language, pictures
        self._taken: dict[tuple[int, str], list[tuple[str, Path]]] = {}
        self.problems: list[str] = []
        self._watch = Watch()
        locale = {"uk": "uk-UA", "en": "en-US"}[language]
        self.context = browser.new_context(locale=locale, reduced_motion="reduce")
        self.context.set_default_timeout(30_000)
        self._watch.attach(self.context)
        examine.watch_shifts(self.context)
        if cookie:
            self.context.add_cookies([_cookie(cookie)])
        self._page = self.context.new_page()

    def visit(self, name: str, url: str) -> None:
        """Looks at a page in every width and theme; a page that cannot be shown is a problem."""
        try:
            self._visit(self._page, name, url)
        except Error as error:
            self._note(name, f"could not be looked at: {error.message.splitlines()[0]}")

    def _visit(self, page: Page, name: str, url: str) -> None:
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            page.goto(url)
            self._note(f"{name} {width}", *examine.shift(page))
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                self._picture(page, name, width, theme)
                self._note(f"{name} {width} {theme}", *examine.look(page, theme))
            self._note(f"{name} {width}", *examine.keyboard(page))
        self._note(name, *examine.language(page, self._language))
        self._note(name, *self._watch.problems)
        self._watch.problems.clear()

    def _picture(self, page: Page, name: str, width: int, theme: str) -> None:
        taken = self._taken.setdefault((width, theme), [])
        path = self._folder / f"{self._who}-{self._language}-{width}-{theme}-{len(taken)}.png"
        page.screenshot(path=path, full_page=True)
        taken.append((name, path))

    def _note(self, name: str, *found: str) -> None:
        self.problems += [f"{self._who} {self._language} {name}: {problem}" for problem in found]

    def leave(self) -> None:
        self.context.close()

    def write(self, folder: Path) -> None:
        """The sheets."""
        for (width, theme), taken in self._taken.items():
            sheets(taken, width, folder / f"{self._who}-{self._language}-{width}-{theme}")


def _cookie(given: dict[str, str]) -> Any:
    domain = given["host"].partition(":")[0]
    return {"name": given["name"], "value": given["value"], "domain": domain, "path": "/"}
