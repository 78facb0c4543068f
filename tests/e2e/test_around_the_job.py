"""What else residents, units and the desk do on the way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

REASON = "Стосується сусідньої громади, а не нашого міста."


@pytest.fixture(scope="module")
def city(make_city: Callable[[str], WorkingCity]) -> WorkingCity:
    """A city of its own: many questions are asked here."""
    return make_city("Львів")


def _status_of(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_a_link_confirms_only_when_its_button_is_pressed(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    email = city.new_resident()
    steps.ask(page, city.address, email)
    link = mailbox.wait_for_mail(email).link("/confirm/")
    # A program that reads mail opens the link, with its own cookies and more than once.
    scanner = visitors.arrive()
    for _ in range(2):
        assert _status_of(scanner, link) == 200
    page.reload()
    expect(page.locator("[name='code']")).to_be_visible()

    page.goto(link)
    steps.send(page.locator("main form"))

    page.wait_for_url("**/follow/**")
    follow_link = mailbox.wait_for_mail(email).link("/follow/")
    assert page.url == follow_link
    page.goto(link)
    expect(page.locator("main form")).to_have_count(0)


def test_a_corrected_address_gets_the_letter_and_the_first_one_is_void(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    mistyped, right = city.new_resident(), city.new_resident()
    steps.ask(page, city.address, mistyped)
    first = mailbox.wait_for_mail(mistyped)
    # The same address once more: a new letter, the old code is void.
    steps.act(page, "/again/")
    second = mailbox.wait_for_mail(mistyped)
    assert first.code != second.code
    steps.act(page, "/again/", {"address-email": right})
    third = mailbox.wait_for_mail(right)

    for old in (first, second):
        steps.send(page.locator("form:has([name='code'])"), {"code": old.code})
        expect(page.locator("#id_code_error")).to_be_visible()
    pending = page.url
    assert _status_of(page, first.link("/confirm/")) == 410
    page.goto(pending)
    steps.confirm_by_code(page, third)
    mailbox.wait_for_mail(right, link_part="/follow/")


def test_a_wrong_code_is_said_and_after_ten_only_a_new_letter_helps(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    email = city.new_resident()
    steps.ask(page, city.address, email)
    letter = mailbox.wait_for_mail(email)
    wrong = f"{(int(letter.code) + 1) % 1_000_000:06}"
    form = page.locator("form:has([name='code'])")
    for _ in range(10):
        steps.send(form, {"code": wrong})
        expect(page.locator("#id_code_error")).to_be_visible()
    steps.send(form, {"code": letter.code})
    expect(page.locator("#id_code_error")).to_be_visible()
    steps.act(page, "/again/")
    steps.confirm_by_code(page, mailbox.wait_for_mail(email))


def test_a_lost_link_comes_by_mail_and_a_stranger_learns_nothing(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    _number, email = city.question(page)
    follow_link = page.url
    said = []
    for address in (email, "nobody@nowhere.example"):
        other = visitors.arrive()
        other.goto(city.at("/follow/lost/"))
        steps.send(other.locator("main form"), {"email": address})
        said.append(other.locator("main").inner_text())
    assert said[0] == said[1]
    assert mailbox.wait_for_mail(email).link("/follow/") == follow_link
    assert mailbox.to("nobody@nowhere.example") == []


def test_the_desk_asks_back_and_the_resident_replies(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/ask-back/", {"ask_back-text": "Біля якої саме зупинки?"})
    letter = mailbox.wait_for_mail(email)
    assert "Біля якої саме зупинки?" in letter.text
    page.goto(letter.link("/follow/"))
    expect(page.locator("main")).to_contain_text("Біля якої саме зупинки?")
    reply = page.locator("main form:has([name='text'])")
    steps.send(reply, {"text": "Навпроти школи № 7."})
    expect(reply).to_have_count(0)

    desk.goto(city.at("/desk/"))
    desk.locator(f".queue a[href$='/desk/q/{number}/']").click()
    expect(desk.locator("main")).to_contain_text("Навпроти школи № 7.")
    steps.act(desk, "/publish/")
    page.goto(city.at(f"/q/{number}/"))
    assert "школи № 7" not in page.content()


def test_a_rejected_question_is_explained_by_mail_and_can_be_reconsidered(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/reject/", {"reject-reason": REASON})
    assert REASON in mailbox.wait_for_mail(email).text
    page.reload()
    expect(page.locator("main blockquote")).to_have_text(REASON)
    assert _status_of(visitors.arrive(), city.at(f"/q/{number}/")) == 404
    steps.act(desk, "/reconsider/")
    steps.publish(desk, city.address, number)
    mailbox.wait_for_mail(email, link_part="/follow/")


def test_a_question_passed_back_goes_to_another_unit_and_the_old_link_is_dead(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, _email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    steps.route(desk, city.address, number)
    first_link = mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/")
    unit = visitors.arrive()
    unit.goto(first_link)
    steps.act(unit, "/pass-back/", {"pass-reason": "Паркування – це патрульні."})
    assert _status_of(unit, first_link) == 410

    steps.open_item(desk, city.address, number)
    expect(desk.locator("main")).to_contain_text("Паркування – це патрульні.")
    steps.route(desk, city.address, number, city.PATROL_NAME)
    second_link = mailbox.wait_for_mail(city.patrol, steps.FOR_UNIT, "/answer/").link("/answer/")
    unit.goto(second_link)
    expect(unit.locator("#answer")).to_be_visible()

    # Sent to another unit while this one has it: this one is told, its link dies.
    steps.route(desk, city.address, number, "Відділ зв’язків із громадськістю поліції")
    third_link = mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/")
    mailbox.wait_for_mail(city.patrol, f"№ {number}")
    assert _status_of(unit, second_link) == 410
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/renew/")
    fresh_link = mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/")
    assert _status_of(unit, third_link) in {404, 410}
    assert _status_of(unit, fresh_link) == 200
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/withdraw/", {"withdraw-reason": "Надіслано помилково."})
    mailbox.wait_for_mail(city.liaison, f"№ {number}")
    assert _status_of(unit, fresh_link) == 410


def test_an_answer_by_phone_is_corrected_in_sight_of_everybody(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    mailbox.wait_for_mail(email, link_part="/follow/")
    steps.enter_answer(desk, city.address, number)
    steps.publish_answer(desk, city.address, number)
    mailbox.wait_for_mail(email, link_part=f"/q/{number}/")

    note = "Уточнено кількість стовпчиків."
    better = f"{steps.ANSWER} Стовпчиків буде шість."
    steps.act(desk, "/correct/", {"correct-text": better, "correct-note": note})

    letter = mailbox.wait_for_mail(email, link_part=f"/q/{number}/")
    assert note in letter.text
    page.goto(letter.link(f"/q/{number}/"))
    answer = page.locator(".card--answer")
    expect(answer).to_contain_text(better)
    expect(answer.locator(".notice")).to_contain_text(note)


def test_a_unit_corrects_its_answer_with_a_letter_until_it_is_published(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, _email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    steps.route(desk, city.address, number)
    link = mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/")
    unit = visitors.arrive()
    unit.goto(link)
    steps.act(unit, "/submit/", {"text": steps.ANSWER})
    scan = {"name": "лист.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1\n%%EOF\n"}
    better = f"{steps.ANSWER} Лист додаємо."
    unit.goto(link)
    steps.act(unit, "/submit/", {"text": better, "letters": [scan]})
    expect(unit.locator("main a[href*='/letter/']")).to_have_count(1)

    steps.open_item(desk, city.address, number)
    with desk.expect_download() as download:
        desk.locator("main a[href*='/desk/letter/']").click()
    assert download.value.suggested_filename.endswith(".pdf")
    steps.publish_answer(desk, city.address, number)
    assert _status_of(unit, link) == 410
    page.goto(city.at(f"/q/{number}/"))
    expect(page.locator(".card--answer")).to_contain_text("Лист додаємо.")
    expect(page.locator("a[href*='/letter/']")).to_have_count(0)


def test_a_hidden_question_is_gone_and_can_come_back(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    number, email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    mailbox.wait_for_mail(email, link_part="/follow/")
    neighbour = visitors.arrive()
    assert _status_of(neighbour, city.at(f"/q/{number}/")) == 200
    steps.act(desk, "/hide/", {"hide-reason": "У тексті було прізвище."})
    assert "У тексті було прізвище." in mailbox.wait_for_mail(email).text
    assert _status_of(neighbour, city.at(f"/q/{number}/")) == 410
    assert "прізвище" not in neighbour.content()
    neighbour.goto(city.at())
    expect(neighbour.locator(f"[data-question-id='{number}']")).to_have_count(0)
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/show-again/")
    assert _status_of(neighbour, city.at(f"/q/{number}/")) == 200


def test_the_desk_moves_the_pin_of_a_published_question(
    city: WorkingCity, page: Page, visitors: Visitors
) -> None:
    number, _email = city.question(page)
    desk = city.moderator_of(visitors)
    steps.publish(desk, city.address, number)
    place = "[data-map][data-pin]"
    before = desk.locator(place).get_attribute("data-lat")
    form = steps.form_to(desk, "/edit/")
    desk.locator("details:has(form[action$='/edit/']) > summary").click()
    steps.put_pin(desk, 30, 30)
    steps.send(form, {"public-text": "Чому біля зупинки стоять машини?"})
    expect(desk.locator(place)).not_to_have_attribute("data-lat", before or "")
    page.goto(city.at(f"/q/{number}/"))
    expect(page.locator("main article")).to_contain_text("Чому біля зупинки стоять машини?")
