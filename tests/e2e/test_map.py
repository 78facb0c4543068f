"""The public map: by finger, by keyboard, and together with its list."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import PHONE, Visitors, visitors_of
from tests.e2e.installation import CityAddress, Installation
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


AT_ITS_MIDDLE = """ring => {
    const box = ring.getBoundingClientRect();
    return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).textContent;
}"""
ON_A_MARKER = """() => document.activeElement.matches("#map .leaflet-marker-icon")"""
BUSY = """
from uuid import uuid4
from bezpechne.kernel import clock
from community.questions.actions.counting import mend_cells
from community.questions.models import Question, Tally, Topic
from tenants.current import entered
from tenants.models import City
city = City.objects.get(slug="{slug}")
lat, lon = city.centre
with entered(city.schema_name):
    topic = Topic.objects.first()
    Question.objects.bulk_create(
        Question(
            state="answered" if place % 3 == 0 else "published", topic=topic, text="Питання",
            public_text=f"Питання {{place}}", submit_key=uuid4(), published_at=clock.now(),
            answered_at=clock.now() if place % 3 == 0 else None,
            # A dozen at one door.
            lat=lat + ((1 + place % 9) / 500 if place >= 12 else 0),
            lon=lon + (place % 7 / 400 if place >= 12 else 0),
        )
        for place in range(90)
    )
    Tally.objects.filter(state="answered").update(number=30)
    Tally.objects.filter(state="published").update(number=60)
    assert mend_cells()
"""


@pytest.fixture(scope="module")
def busy(installation: Installation) -> CityAddress:
    """A city with 90 questions, twelve of them at the very centre."""
    place = installation.provision("Ізмаїл")
    installation.manage("shell", "-c", BUSY.format(slug=place.slug))
    return place


def test_a_busy_map_counts_and_the_keyboard_comes_down_to_a_pin(
    busy: CityAddress, page: Page
) -> None:
    page.goto(busy.at("/"))
    rings = page.locator("#map .map-ring")
    expect(rings.first).to_be_visible()
    labels = [str(ring.get_attribute("aria-label")) for ring in rings.all()]
    pins = page.locator("#map [data-pin-id]")
    assert sum(int(label.split()[0]) for label in labels) + pins.count() == 90
    assert all(re.fullmatch(r"\d+ пита\w+: \d+ чека\w+, \d+ з відповіддю", one) for one in labels)
    # The count is in sight, not behind its ring.
    assert rings.first.evaluate(AT_ITS_MIDDLE) == labels[0].split()[0]
    rings.first.focus()
    for _ in range(8):
        with page.expect_response(lambda response: "pins.json" in response.url):
            page.keyboard.press("Enter")
        # The ring comes apart, and the keyboard is on the nearest of what it was.
        page.wait_for_function(ON_A_MARKER)
        if page.evaluate("() => 'pinId' in document.activeElement.dataset"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".map-popup a")).to_be_visible()


def test_axe_finds_nothing_in_a_busy_map(busy: CityAddress, page: Page) -> None:
    look = Inspection()
    page.goto(busy.at("/"))
    expect(page.locator("#map .map-ring").first).to_be_visible()
    look(page, "busy map")
    assert not look.problems, "\n".join(look.problems)


def test_each_of_a_dozen_questions_at_one_door_can_be_opened(
    busy: CityAddress, visitors: Visitors
) -> None:
    page = visitors.arrive(**PHONE)
    page.goto(busy.at("/"))
    lat, lon = page.locator("#map").evaluate("map => [map.dataset.lat, map.dataset.lon]")
    page.goto(busy.at(f"/?status=#map=18/{lat}/{lon}"))
    pins = page.locator("#map [data-pin-id]")
    expect(pins).to_have_count(12)
    for number in [pin.get_attribute("data-pin-id") for pin in pins.all()]:
        page.locator(f"#map [data-pin-id='{number}']").tap()
        expect(page.locator(".map-popup a")).to_have_attribute("href", f"/q/{number}/")
        page.keyboard.press("Escape")
        expect(page.locator(".map-popup")).to_have_count(0)
