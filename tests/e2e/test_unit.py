"""A unit on a phone: the question, a draft, a colleague, a letter of paper, the receipt."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import PHONE, Visitors
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

DRAFT = "Інспектори були на місці, чекаємо на довідку"
NAME = "Олена Коваль"


Look = Callable[[Page, str], None]


@pytest.fixture
def inspect() -> Iterator[Look]:
    """Fails at the end with everything that was found; the page is a phone's again."""
    made = Inspection()

    def look(page: Page, name: str) -> None:
        made(page, name)
        page.set_viewport_size(PHONE["viewport"])

    yield look
    assert not made.problems, "\n".join(made.problems)


def routed(city: WorkingCity, visitors: Visitors) -> tuple[int, str]:
    """A question that a unit has: its number and the link of the unit's letter."""
    number, _email = city.question(visitors.arrive(), photos=[steps.photo_file()])
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    steps.route(desk, city.address, number, WorkingCity.PATROL_NAME)
    letter = city.mailbox.wait_for_mail(city.patrol, steps.FOR_UNIT, "/answer/")
    return number, letter.link("/answer/")


def under_the_thumb(page: Page) -> None:
    """The bar is in sight, and each of its buttons is high enough for a finger."""
    for button in page.locator(".unit-bar .button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 780
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_a_unit_passes_a_draft_to_a_colleague_who_answers(
    city: WorkingCity, visitors: Visitors, mailbox: Mailbox, inspect: Look
) -> None:
    number, link = routed(city, visitors)
    colleague_address = f"olena@{city.patrol.partition('@')[2]}"

    # Opens on the way, looks at the photo and the place, accepts with a thumb.
    unit = visitors.arrive(**PHONE)
    unit.goto(link)
    expect(unit.locator("[data-map] .pin-target--waiting")).to_be_visible()
    unit.locator(".photos a").tap()
    expect(unit.locator("dialog.dialog--photo img")).to_be_visible()
    unit.keyboard.press("Escape")
    unit.evaluate("window.scrollTo(0, 0)")
    under_the_thumb(unit)
    inspect(unit, "unit sent")
    steps.act(unit, "/accept/")
    under_the_thumb(unit)

    # Begins to write; the bar steps aside, and the draft is there on another device.
    unit.locator("a[href='#answer']").tap()
    field = unit.locator("#answer-form [name='text']")
    expect(field).to_be_focused()
    assert unit.locator(".unit-bar").evaluate("(bar) => getComputedStyle(bar).position") == "static"
    with unit.expect_response(lambda response: response.url.endswith("/draft/")):
        field.press_sequentially(DRAFT)
    other = visitors.arrive()
    other.goto(link)
    expect(other.locator("#answer-form [name='text']")).to_have_value(DRAFT)

    # Passes it on; the desk sees to whom and does not see the draft.
    unit.locator("a[href='#colleague-form']").tap()
    fields = {"colleague-name": NAME, "colleague-email": colleague_address}
    steps.act(unit, "/pass-on/", {**fields, "colleague-email": "olena@elsewhere.example"})
    expect(unit.locator(".error-summary")).to_be_visible()
    inspect(unit, "unit refused address")
    steps.act(unit, "/pass-on/", fields)
    expect(unit.locator(".passed-on")).to_contain_text(NAME)
    expect(unit.locator("#answer-form")).to_have_count(0)
    inspect(unit, "unit passed on")
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, number)
    expect(desk.locator("main")).to_contain_text(colleague_address)
    expect(desk.locator("main")).not_to_contain_text(DRAFT)

    # The colleague goes on with the draft and photographs the paper letter.
    colleague = visitors.arrive(**PHONE)
    letter = mailbox.wait_for_mail(colleague_address, link_part="/answer/")
    colleague.goto(letter.link("/answer/"))
    expect(colleague.locator("#answer-form [name='text']")).to_have_value(DRAFT)
    pages = [steps.photo_file("page-1.jpg"), steps.photo_file("page-2.jpg")]
    steps.act(colleague, "/submit/", {"text": steps.ANSWER, "camera": pages})
    colleague.wait_for_url("**/receipt/")
    expect(colleague.locator("main")).to_contain_text(steps.ANSWER)
    expect(colleague.locator("main a[href*='/letter/']")).to_have_count(2)
    inspect(colleague, "unit receipt")

    # The receipt is in the unit's mailbox, too; the former link reads what was sent.
    receipt = mailbox.wait_for_mail(city.patrol, "Ваша відповідь")
    assert steps.ANSWER in receipt.text
    unit.reload()
    unit.locator(".passed-on a").tap()
    expect(unit.locator("main")).to_contain_text(steps.ANSWER)


def test_a_unit_without_scripts(city: WorkingCity, visitors: Visitors) -> None:
    _number, link = routed(city, visitors)
    page = visitors.arrive(**PHONE, java_script_enabled=False)
    page.goto(link)
    steps.act(page, "/accept/")
    steps.fill(page.locator("#answer-form"), {"text": DRAFT})
    with page.expect_navigation():
        page.locator("#answer-form button[formaction$='/draft/']").click()
    expect(page.locator("#answer-form [name='text']")).to_have_value(DRAFT)
    steps.act(page, "/submit/", {"text": steps.ANSWER})
    expect(page.locator("main")).to_contain_text(steps.ANSWER)
    page.goto(link)
    expect(page.locator("#answer-form [name='text']")).to_have_value(steps.ANSWER)
    expect(page.locator("form[action$='/pass-back/']")).to_have_count(0)
