"""The public map: by finger, by keyboard, and together with its list."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import steps
from tests.e2e.browsing import PHONE, Visitors, visitors_of
from tests.e2e.steps import WorkingCity


@pytest.fixture(scope="module")
def published(city: WorkingCity, browser: Browser) -> int:
    """A question with a red pin, away from the others."""
    with visitors_of(browser) as people:
        resident = people.arrive()
        email = city.new_resident()
        resident.goto(city.at("/ask/"))
        steps.put_pin(resident, -60, 60)
        steps.send(steps.ask_form(resident), steps.ask_fields(email, topic="dogs"))
        letter = city.mailbox.wait_for_mail(email)
        steps.confirm_by_code(resident, letter)
        number = steps.number_in(letter)
        steps.publish(city.moderator_of(people), city.address, number)
    return number


def _pin(page: Page, number: int) -> str:
    selector = f"#map [data-pin-id='{number}']"
    page.wait_for_selector(selector)
    return selector


def test_a_tap_on_a_pin_shows_its_question_and_nothing_covers_it(
    city: WorkingCity, published: int, visitors: Visitors
) -> None:
    page = visitors.arrive(**PHONE)
    page.goto(city.at("/?topic=dogs"))
    page.locator(_pin(page, published)).tap()
    popup = page.locator(".map-popup")
    expect(popup.locator(".status--waiting")).to_be_visible()
    expect(page.locator(".map-overlay")).to_be_hidden()
    popup.locator("a").tap()
    page.wait_for_url(f"**/q/{published}/")


def test_the_keyboard_opens_a_pin_and_comes_back_to_it(
    city: WorkingCity, published: int, page: Page
) -> None:
    page.goto(city.at("/?topic=dogs"))
    pin = page.locator(_pin(page, published))
    page.keyboard.press("Tab")
    pin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map-popup a")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".map-popup")).to_have_count(0)
    expect(pin).to_be_focused()


def test_a_row_of_the_list_lights_its_pin_and_the_other_way_round(
    city: WorkingCity, published: int, page: Page
) -> None:
    page.goto(city.at("/?topic=dogs"))
    pin, lit = page.locator(_pin(page, published)), re.compile(r"\bis-lit\b")
    row = page.locator(f"#list [data-question-id='{published}']")
    row.hover()
    expect(pin).to_have_class(lit)
    pin.hover()
    expect(row).to_have_class(lit)


def test_a_shared_address_shows_the_same_part_of_the_map_and_the_same_filter(
    city: WorkingCity, published: int, page: Page, visitors: Visitors
) -> None:
    page.goto(city.at("/?topic=dogs"))
    _pin(page, published)
    page.locator("#map .leaflet-control-zoom-in").click()
    page.wait_for_url(re.compile(r"#map="))
    other = visitors.arrive()
    other.goto(page.url)
    other.wait_for_load_state("networkidle")
    assert other.url.partition("#")[2] in {"", page.url.partition("#")[2]}
    other.goto(city.at("/?topic=parking"))
    other.wait_for_load_state("networkidle")
    expect(other.locator(f"#map [data-pin-id='{published}']")).to_have_count(0)
