"""A resident with an iPhone: photos, a draft, a lost link, another address, the talk, thank-you."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests import pictures
from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import PHONE, Visitors
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

# The middle of Ternopil, as a camera writes it, and a place in another city.
HERE, ELSEWHERE = ((49.0, 33.0, 12.0), (25.0, 35.0, 41.0)), ((50.0, 27.0, 0.0), (30.0, 31.0, 0.0))


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


def heic(place: tuple[tuple[float, ...], tuple[float, ...]], name: str) -> FilePayload:
    content = pictures.heic(size=(640, 480), latitude=place[0], longitude=place[1])
    return {"name": name, "mimeType": "image/heic", "buffer": content}


def keys(page: Page) -> list[str | None]:
    """Photos in the order in which they stand."""
    return [row.get_attribute("data-photo") for row in page.locator(".photo-row").all()]


def kept(page: Page, number: int) -> None:
    """So many are on the server."""
    expect(page.locator(".photo-row input[name='photo']")).to_have_count(number)


def test_from_a_heic_photo_to_thank_you(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors, inspect: Inspection
) -> None:
    email, other = city.new_resident(), city.new_resident()
    page = visitors.arrive(**PHONE)
    page.goto(city.at("/ask/"))

    # Photos go as soon as they are chosen; the one from elsewhere offers no place.
    page.set_input_files("#id_photos", [heic(HERE, "IMG_1.HEIC"), heic(ELSEWHERE, "IMG_2.HEIC")])
    kept(page, 2)
    assert page.locator("#id_lat").input_value() == ""
    places = page.locator("[data-photo-place] button")
    expect(places).to_have_count(1)
    places.click()
    expect(page.locator("#pick-map .pin-target--chosen")).to_be_visible()
    assert page.locator("#id_lat").input_value().startswith("49.55")
    before = keys(page)
    page.locator(".photo-row").nth(1).locator("[data-photo-up]").click()
    assert keys(page) == before[::-1]
    page.locator("[name='text']").fill(steps.QUESTION)
    page.locator("[name='name']").fill("Одарка Секретна")
    inspect(page, "ask with photos")
    page.set_viewport_size({"width": 360, "height": 780})

    # The tab dies; everything is back but the consent.
    page.reload()
    kept(page, 2)
    assert keys(page) == before[::-1]
    expect(page.locator("[name='text']")).to_have_value(steps.QUESTION)
    expect(page.locator("[name='name']")).to_have_value("Одарка Секретна")
    expect(page.locator("#pick-map .pin-target--chosen")).to_be_visible()
    expect(page.locator("[data-draft-line]")).to_be_visible()
    expect(page.locator("[name='consent']")).not_to_be_checked()
    steps.send(
        steps.ask_form(page),
        {"happening_now": "no", "topic": "parking", "email": email, "consent": True},
    )
    letter = mailbox.wait_for_mail(email, link_part="/confirm/")
    number = steps.number_in(letter)
    steps.confirm_by_code(page, letter)
    mailbox.wait_for_mail(email, link_part="/follow/")
    expect(page.locator("main .photos img")).to_have_count(2)

    # Sent is forgotten. The link is lost, and found by the address.
    page.goto(city.at("/ask/"))
    expect(page.locator("[name='text']")).to_have_value("")
    expect(page.locator(".photo-row")).to_have_count(0)
    page.goto(city.at("/follow/lost/"))
    steps.send(page.locator("main form"), {"email": email})
    page.goto(mailbox.wait_for_mail(email, link_part="/follow/").link("/follow/"))

    # Letters move to another mailbox.
    steps.act(page, "/address/", {"address-email": other})
    steps.act(page, "/address/code/", {"code-code": mailbox.wait_for_mail(other).code})
    expect(page.locator("main")).to_contain_text(other)
    mailbox.wait_for_mail(email)

    # The moderator asks, the new mailbox hears it.
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/ask-back/", {"ask_back-text": "З якого боку зупинки?"})
    page.goto(mailbox.wait_for_mail(other, link_part="/follow/").link("/follow/"))
    steps.send(page.locator("main form:has([name='text'])"), {"text": "З боку парку."})
    inspect(page, "follow in moderation")
    steps.publish(desk, city.address, number)
    steps.enter_answer(desk, city.address, number)
    steps.publish_answer(desk, city.address, number)

    page.reload()
    page.locator("button[name='helped'][value='yes']").click()
    expect(page.locator("button[name='helped'][value='yes']")).to_have_attribute(
        "aria-pressed", "true"
    )
    inspect(page, "follow answered")
    page.goto(city.at(f"/q/{number}/"))
    expect(page.locator("main .photos img")).to_have_count(2)


def test_a_photo_waits_for_the_connection_and_a_draft_is_cleared(
    city: WorkingCity, visitors: Visitors
) -> None:
    page = visitors.arrive(**PHONE)
    page.goto(city.at("/ask/"))
    visitors.watch.expect("/add/")
    page.route("**/add/", lambda route: route.abort("internetdisconnected"))
    page.set_input_files("#id_photos", [heic(HERE, "IMG_1.HEIC")])
    retry = page.locator("[data-photo-retry]")
    expect(retry).to_be_visible()
    page.unroute("**/add/")
    retry.click()
    kept(page, 1)
    page.locator("[name='text']").fill(steps.QUESTION)
    with page.expect_navigation():
        page.locator("[data-draft-forget] button").click()
        page.locator("dialog.dialog[open] .button--primary").click()
    expect(page.locator("[name='text']")).to_have_value("")
    expect(page.locator(".photo-row")).to_have_count(0)


def test_the_browser_keeps_nothing_of_a_private_topic(
    city: WorkingCity, visitors: Visitors
) -> None:
    page = visitors.arrive(**PHONE)
    page.goto(city.at("/ask/"))
    page.locator("[name='text']").fill(steps.QUESTION)
    assert steps.QUESTION in page.evaluate("JSON.stringify(localStorage)")
    page.locator("[name='topic']").select_option("domestic")
    page.locator("[name='name']").fill("Одарка Секретна")
    assert "draft:" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    expect(page.locator("[name='text']")).to_have_value("")
    # A draft from before the topic was private is gone once it is shown.
    page.locator("[name='topic']").select_option("parking")
    page.locator("[name='text']").fill(steps.QUESTION)
    page.evaluate(
        "localStorage['draft:ask'] = localStorage['draft:ask'].replace('parking', 'domestic')"
    )
    page.reload()
    expect(page.locator("[name='text']")).to_have_value(steps.QUESTION)
    assert "draft:" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_question_is_withdrawn_and_comes_back(city: WorkingCity, visitors: Visitors) -> None:
    page = visitors.arrive(**PHONE)
    number, _email = city.question(page)
    steps.publish(city.moderator_of(visitors), city.address, number)
    page.reload()
    steps.act(page, "/withdraw/", {"withdraw-reason": "Вже прибрали"})
    expect(page.locator(".status--withdrawn").first).to_be_visible()
    steps.act(page, "/undo/")
    expect(page.locator(".status--in_moderation").first).to_be_visible()


def test_help_pages_are_whole(city: WorkingCity, page: Page, inspect: Inspection) -> None:
    for path in ("/help/", "/accessibility/", "/about/", "/en/help/"):
        page.goto(city.at(path))
        inspect(page, path.strip("/").replace("/", " "))


def test_near_me_lists_the_nearest_and_says_when_it_may_not(
    city: WorkingCity, visitors: Visitors
) -> None:
    page = visitors.arrive(
        geolocation={"latitude": 49.5534, "longitude": 25.5949}, permissions=["geolocation"]
    )
    page.goto(city.at("/?topic=parking"))
    page.locator("[data-near-me]").click()
    page.wait_for_url("**near=49.553%2C25.595**")
    assert "topic=parking" in page.url
    expect(page.locator(".near-line")).to_be_visible()
    shy = visitors.arrive()
    shy.goto(city.at())
    shy.locator("[data-near-me]").click()
    expect(shy.locator("[data-near-status]")).not_to_be_empty()
    assert "near=" not in shy.url
