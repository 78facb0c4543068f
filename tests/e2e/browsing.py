"""A browser that notices what its user does not: script errors, broken files, CSP violations."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Cities' own domains: names that no DNS knows lead to this machine.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


def chromium_path() -> str:
    """Where Chromium is; without one the test is skipped, but never where CI is set."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found:
        return found
    sentence = "The browser tests need Chromium: install it, or say where it is in CHROMIUM."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)


class Watch:
    """Collects what went wrong on the pages of one context."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """From now on this problem is part of the test, for example a page that answers 503."""
        self._expected.append(re.compile(pattern))

    def add(self, problem: str) -> None:
        if not any(pattern.search(problem) for pattern in self._expected):
            self.problems.append(problem)

    def attach(self, context: BrowserContext) -> None:
        context.expose_function("reportViolation", lambda text: self.add(f"CSP: {text}"))
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.add(f"script: {error.error}"))
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def _on_console(self, message: ConsoleMessage) -> None:
        # What failed to load is judged by its status below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.add(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= (500 if is_page else 400):
            self.add(f"{response.status} {response.url}")

    def _on_failure(self, request: Request) -> None:
        # Leaving a page ends what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.add(f"{request.failure} {request.url}")


class Visitors:
    """Makes people: each has cookies of their own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.watch = Watch()
        self._contexts: list[BrowserContext] = []

    def arrive(self, **options: Any) -> Page:
        """A new person's first tab; `options` are Playwright's for a context."""
        settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options}
        context = self._browser.new_context(**settings)
        context.set_default_timeout(15_000)
        self.watch.attach(context)
        self._contexts.append(context)
        return context.new_page()

    def leave(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def visitors_of(browser: Browser) -> Iterator[Visitors]:
    """Fails at the end when a page of anybody had a problem."""
    made = Visitors(browser)
    try:
        yield made
    finally:
        made.leave()
    assert not made.watch.problems, "\n".join(made.watch.problems)
