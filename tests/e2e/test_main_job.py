"""The main job: from an operator's command to the green pin."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import PHONE, Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox

RESIDENT = "odarka@poltava.example"
LIAISON = "liaison@poltava.example"
MODERATOR = "moderator@poltava.example"


def _class(name: str) -> re.Pattern[str]:
    return re.compile(rf"(^|\s){name}(\s|$)")


def _pins(page: Page, city_url: str) -> dict[str, str]:
    """Number → what a screen reader says, of the pins on the public map."""
    page.goto(city_url)
    page.wait_for_selector("#map .leaflet-marker-icon[data-pin-id]")
    found = page.locator("#map [data-pin-id]").all()
    return {
        str(pin.get_attribute("data-pin-id")): str(pin.get_attribute("aria-label")) for pin in found
    }


def test_a_provisioned_city_takes_a_question_from_red_to_green(
    installation: Installation, mailbox: Mailbox, visitors: Visitors
) -> None:
    # The operator's command.
    city = installation.provision("Полтава")

    # The administrator comes by the letter, gives the liaison an address and tries it out.
    admin = visitors.arrive()
    steps.accept_invitation(admin, mailbox.wait_for_mail(city.admin), "Ірина Адміністраторка")
    steps.set_liaison_address(admin, city, LIAISON)
    steps.act(admin, "/test-mail/")
    mailbox.wait_for_mail(LIAISON)
    steps.invite(admin, city, MODERATOR)

    moderator = visitors.arrive()
    steps.accept_invitation(moderator, mailbox.wait_for_mail(MODERATOR), "Марко Модератор")

    # A resident asks on a phone: a tap on the map, a photo, a name, an address.
    resident = visitors.arrive(**PHONE)
    resident.goto(city.at())
    expect(resident.locator("#list .empty")).to_be_visible()
    resident.locator("a.map-ask").click()
    pick = resident.locator("#pick-map")
    pick.scroll_into_view_if_needed()
    pick.tap()
    expect(pick.locator(".pin-target--chosen")).to_be_visible()
    photo = {"photos": [steps.photo_file()]}
    steps.send(steps.ask_form(resident), {**steps.ask_fields(RESIDENT), **photo})
    letter = mailbox.wait_for_mail(RESIDENT, link_part="/confirm/")
    number = steps.number_in(letter)
    steps.confirm_by_code(resident, letter)
    expect(resident.locator(".photos img")).to_have_count(1)
    follow_link = mailbox.wait_for_mail(RESIDENT).link("/follow/")

    # Nobody sees it before the moderator has read it.
    neighbour = visitors.arrive()
    answer = neighbour.goto(city.at(f"/q/{number}/"))
    assert answer is not None
    assert answer.status == 404

    # The moderator signs in anew and publishes: a red pin on the map, a row in the list.
    moderator.context.clear_cookies()
    moderator.goto(city.at("/desk/"))
    steps.send(moderator.locator("main form"), {"email": MODERATOR, "password": steps.PASSWORD})
    moderator.locator(f".queue a[href$='/desk/q/{number}/']").click()
    steps.act(moderator, "/publish/")
    mailbox.wait_for_mail(RESIDENT, link_part="/follow/")
    waiting_word = _pins(neighbour, city.at())[str(number)]
    pin = neighbour.locator(f"#map [data-pin-id='{number}']")
    expect(pin).to_have_class(_class("pin-target--waiting"))
    row = neighbour.locator(f"#list [data-question-id='{number}']")
    expect(row).to_have_class(_class("question-row--waiting"))
    expect(row).to_contain_text(steps.QUESTION[:40])
    row.locator("a").click()
    expect(neighbour.locator("main .photos img")).to_have_count(1)
    assert "Секретна" not in neighbour.content()

    # The moderator passes it on; the unit opens the link of its letter, accepts and answers.
    steps.route(moderator, city, number)
    unit = visitors.arrive()
    unit.goto(mailbox.wait_for_mail(LIAISON, link_part="/answer/").link("/answer/"))
    expect(unit.locator("main")).to_contain_text(steps.QUESTION)
    assert "Секретна" not in unit.content()
    steps.act(unit, "/accept/")
    words = {
        "text": steps.ANSWER,
        "competence": "Патрульна поліція",
        "next_step": "Перевірка за тиждень",
    }
    steps.act(unit, "/submit/", words)

    # Not green before the moderator has published the answer.
    assert _pins(neighbour, city.at())[str(number)] == waiting_word
    steps.publish_answer(moderator, city, number)

    # The pin is green, the resident is told, everybody reads the answer.
    answered_word = _pins(neighbour, city.at())[str(number)]
    assert answered_word != waiting_word
    expect(pin).to_have_class(_class("pin-target--answered"))
    expect(row).to_have_class(_class("question-row--answered"))
    letter = mailbox.wait_for_mail(RESIDENT, link_part=f"/q/{number}/")
    assert steps.ANSWER in letter.text
    neighbour.goto(letter.link(f"/q/{number}/"))
    expect(neighbour.locator(".card--answer")).to_contain_text(steps.ANSWER)
    resident.goto(follow_link)
    expect(resident.locator(".card--answer")).to_contain_text("Перевірка за тиждень")

    # The history has every step: asked, confirmed, published, routed, opened, accepted, answer
    # submitted, answer published.
    steps.open_item(moderator, city, number)
    lines = moderator.locator(".timeline--dense > li")
    expect(lines).to_have_count(8)
    told = [line.locator("p").first.inner_text() for line in lines.all()]
    assert len(set(told)) == 8
    expect(lines.filter(has_text="Марко Модератор")).to_have_count(3)
