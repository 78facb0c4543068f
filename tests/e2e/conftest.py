"""One installation and one browser for all journeys; people and their cookies anew in each test."""

import logging
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsing import Visitors, chromium_path, launch, visitors_of
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

# The SMTP server tells every word of its talks.
logging.getLogger("mail.log").setLevel(logging.WARNING)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/e2e/"):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium_path()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="package")
def installation(browser: Browser, mailbox: Mailbox) -> Iterator[Installation]:
    """Without cities: each module provisions its own."""
    made = Installation(mailbox.port)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Visitors]:
    """`visitors.arrive()` is a new person; at the end no page of theirs may have had a problem."""
    with visitors_of(browser) as made:
        yield made


@pytest.fixture
def page(visitors: Visitors) -> Page:
    """The only person of a simple test."""
    return visitors.arrive()


MakeCity = Callable[[str], WorkingCity]


@pytest.fixture(scope="package")
def make_city(installation: Installation, mailbox: Mailbox, browser: Browser) -> MakeCity:
    """`make_city("Львів")` provisions a city and lets its staff prepare it."""

    def make(name: str) -> WorkingCity:
        with visitors_of(browser) as people:
            return WorkingCity(installation.provision(name), mailbox, people)

    return make


@pytest.fixture(scope="package")
def city(make_city: MakeCity) -> WorkingCity:
    """The city of most tests. One network address may ask 20 questions an hour in a city:
    modules that ask many have a city of their own."""
    return make_city("Тернопіль")
