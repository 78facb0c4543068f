"""Somebody who needs 102 writes to us instead."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

URGENT_TEXT = "Під моїм під'їздом стрілянина, люди кричать і ховаються. Що робити?"
PAST_TEXT = "Вчора була стрілянина біля школи, чи знайшли того, хто це зробив?"


def _call_links(page: Page) -> list[str]:
    return [
        str(link.get_attribute("href"))
        for link in page.locator(".panel-emergency a[href^=tel]").all()
    ]


@pytest.mark.parametrize(
    ("happening_now", "text"), [("yes", steps.QUESTION), ("no", URGENT_TEXT)], ids=["now", "words"]
)
def test_the_panel_with_102_comes_first_and_nothing_typed_is_lost(
    city: WorkingCity,
    mailbox: Mailbox,
    page: Page,
    visitors: Visitors,
    happening_now: str,
    text: str,
) -> None:
    email = city.new_resident()
    page.goto(city.at("/ask/"))
    steps.put_pin(page, -15, 15)
    fields = steps.ask_fields(
        email, happening_now=happening_now, text=text, share_name=True, photos=[steps.photo_file()]
    )
    steps.send(steps.ask_form(page), fields)

    expect(page.locator(".panel-emergency")).to_be_focused()
    assert _call_links(page) == ["tel:102", "tel:112"]
    assert mailbox.to(email) == []
    for name in ("text", "topic", "name", "email"):
        expect(page.locator(f"[name='{name}']")).to_have_value(fields[name])
    for name in ("share_name", "consent"):
        expect(page.locator(f"[name='{name}']")).to_be_checked()
    expect(page.locator(f"[name='happening_now'][value='{happening_now}']")).to_be_checked()
    expect(page.locator("#pick-map .pin-target--chosen")).to_be_visible()
    expect(page.locator("input[name='photo']")).to_have_count(1)

    # The second press sends; the desk sees that it is urgent.
    steps.send(steps.ask_form(page))
    letter = mailbox.wait_for_mail(email)
    steps.confirm_by_code(page, letter)
    expect(page.locator("main .photos img")).to_have_count(1)
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, steps.number_in(letter))
    expect(desk.locator("main .message--error")).to_be_visible()


def test_words_about_the_past_do_not_stop_anybody(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    email = city.new_resident()
    steps.ask(page, city.address, email, text=PAST_TEXT)
    mailbox.wait_for_mail(email)


def test_choosing_right_now_shows_the_numbers_before_anything_is_sent(
    city: WorkingCity, page: Page
) -> None:
    page.goto(city.at("/ask/"))
    call = page.locator(".ask-now__call")
    expect(call).to_be_hidden()
    page.locator("[name='happening_now'][value='yes']").check()
    expect(call.locator("a[href='tel:102']")).to_be_visible()
    page.locator("[name='happening_now'][value='no']").check()
    expect(call).to_be_hidden()


def test_leaving_quickly_leaves_no_way_back(city: WorkingCity, page: Page) -> None:
    page.route("https://www.google.com/**", lambda route: route.fulfill(body="weather"))
    page.goto(city.at("/about/"))
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    steps.send(steps.ask_form(page), steps.ask_fields(city.new_resident(), happening_now="yes"))
    with page.expect_navigation(url="https://www.google.com/**"):
        page.locator("[data-quick-exit]").click()
    expect(page.locator("body")).to_have_text("weather")
    page.go_back()
    assert page.locator(".panel-emergency").count() == 0
