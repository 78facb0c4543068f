"""An operator makes a city from its name; its administrator comes in by the invitation."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors
from tests.e2e.installation import CityAddress, Installation
from tests.e2e.mail import Mailbox


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    """Fails at the end with everything that was found on the pages of a test."""
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


@pytest.fixture
def operator(installation: Installation, visitors: Visitors) -> Page:
    """An operator's browser in the console."""
    return steps.operator_of(installation, visitors)


def field_value(page: Page, name: str) -> float:
    return float(page.locator(f"[name='{name}']").input_value())


def drag(page: Page, handle: int, dx: int, dy: int) -> None:
    """One of the four corners, by so many pixels."""
    corner = page.locator(".bounds-handle").nth(handle)
    corner.scroll_into_view_if_needed()
    box = corner.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def test_from_a_name_to_a_city_at_work(
    installation: Installation,
    operator: Page,
    mailbox: Mailbox,
    visitors: Visitors,
    inspect: Inspection,
) -> None:
    operator.goto(f"{installation.base_url}/console/new/")
    operator.locator("#q").press_sequentially("Ужгор")
    # The oblast and the raion of others hold the word too.
    name = operator.locator("strong", has_text=re.compile("^Ужгород$"))
    choice = operator.locator("#found li").filter(has=name).locator("a.button")
    expect(choice).to_have_count(1)
    inspect(operator, "new city search")
    choice.click()

    # A corner of the bounds is dragged to the south-west: the numbers follow.
    west, south, east = (field_value(operator, side) for side in ("west", "south", "east"))
    drag(operator, 0, -30, 30)
    assert field_value(operator, "west") < west
    assert field_value(operator, "south") < south
    assert field_value(operator, "east") == east
    slug = operator.locator("[name='slug']")
    slug.fill("www")
    expect(operator.locator("#slug-state .field__error")).to_be_visible()
    slug.fill("uzhhorod")
    expect(operator.locator("#slug-state .slug-free")).to_be_visible()
    form = operator.locator("main form[enctype]")
    email = "admin@uzhhorod.example"
    steps.send(form, {"name_en": "", "admin_email": email})
    expect(operator.locator(".error-summary")).to_be_focused()
    inspect(operator, "new city form errors")
    steps.send(form, {"name_en": "Uzhhorod", "bounds_checked": True})
    expect(operator.locator("main")).to_contain_text(email)
    inspect(operator, "new city last look")
    steps.send(operator.locator("main form[method='post']"))

    # The steps that it took, and the list of what it lacks.
    operator.wait_for_url("**/console/cities/uzhhorod/ready/")
    expect(operator.locator(".run-steps li.is-done")).to_have_count(4)
    expect(operator.locator("#item-bounds.is-done")).to_have_count(1)
    expect(operator.locator("#item-administrator.is-done")).to_have_count(0)
    inspect(operator, "readiness")

    address = CityAddress("uzhhorod", f"http://uzhhorod.localhost:{installation.port}", email)
    boss = visitors.arrive()
    steps.accept_invitation(boss, mailbox.wait_for_mail(email), "Ірина Адміністраторка")
    boss.goto(address.at("/desk/units/"))
    expect(boss.locator("main table")).to_be_visible()
    operator.locator("main a.button--primary").click()
    operator.wait_for_url(f"{address.url}/")
    operator.goto(f"{installation.base_url}/console/cities/uzhhorod/ready/")
    expect(operator.locator("#item-administrator.is-done")).to_have_count(1)


def test_an_outline_of_ones_own_is_drawn_and_kept(
    installation: Installation, operator: Page
) -> None:
    operator.goto(f"{installation.base_url}/console/new/?q=Чортків")
    operator.locator("#found a.button").first.click()
    outline = (
        '{"type": "Polygon", "coordinates": [[[25.7, 48.95], [25.9, 48.95], [25.9, 49.1],'
        " [25.7, 49.1], [25.7, 48.95]]]}"
    )
    operator.locator("[name='outline_from'][value='own']").check()
    upload: FilePayload = {
        "name": "own.geojson",
        "mimeType": "application/json",
        "buffer": outline.encode(),
    }
    operator.locator("[name='outline_file']").set_input_files(upload)
    expect(operator.locator("[name='north']")).to_have_value("49.10000")
    expect(operator.locator("path.map-outline")).to_have_count(1)
    # An error elsewhere: the file need not be chosen again.
    form = operator.locator("main form[enctype]")
    steps.send(form, {"name_en": ""})
    expect(operator.locator(".outline-choice__own")).to_contain_text("own.geojson")
    expect(operator.locator("path.map-outline")).to_have_count(1)
    steps.send(form, {"name_en": "Chortkiv"})
    operator.wait_for_url("**/console/new/check/**")


def test_the_wizard_works_without_scripts(installation: Installation, visitors: Visitors) -> None:
    state = steps.operator_of(installation, visitors).context.storage_state()
    page = visitors.arrive(storage_state=state, java_script_enabled=False)
    page.goto(f"{installation.base_url}/console/new/")
    page.locator("[name='q']").fill("Гадяч")
    page.locator("main form button").click()
    page.locator("#found a.button").click()
    page.locator("[name='state'][value='draft']").check()
    page.locator("main form[enctype] .button--primary").click()
    page.locator("main form[method='post'] .button--primary").click()
    page.wait_for_url("**/console/cities/hadiach/ready/")


def test_templates_are_legible_and_reachable(
    installation: Installation, operator: Page, inspect: Inspection
) -> None:
    operator.goto(f"{installation.base_url}/console/templates/")
    operator.locator("a[href$='/console/templates/town/copy/']").click()
    steps.send(operator.locator("main form"), {"name_uk": "Курорт", "name_en": "Resort"})
    operator.wait_for_url("**/console/templates/resort/")
    inspect(operator, "template")
    steps.send(operator.locator("main form.card"), {"topics": "noise | Шум"})
    expect(operator.locator(".error-summary")).to_be_focused()
    operator.goto(f"{installation.base_url}/console/templates/")
    steps.act(operator, "/resort/delete/")
    expect(operator.locator("a[href$='/console/templates/resort/']")).to_have_count(0)
