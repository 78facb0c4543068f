"""axe finds nothing, on a phone and on a desk, in the light and in the dark; nothing scrolls sideways."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors, visitors_of
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

LONG_WORD = "найнезадовільнонезвичайнісінькийперехрестячковий"


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    """Fails at the end with everything that was found on the pages of a test."""
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


@pytest.fixture(scope="module")
def question(city: WorkingCity, browser: Browser, mailbox: Mailbox) -> int:
    """A published question with a photo and a word that no line can hold."""
    with visitors_of(browser) as people:
        text = f"{steps.QUESTION} {LONG_WORD}"
        number, _email = city.question(people.arrive(), text=text, photos=[steps.photo_file()])
        steps.publish(city.moderator_of(people), city.address, number)
    return number


def test_the_tests_notice_what_is_wrong(city: WorkingCity, visitors: Visitors) -> None:
    page = visitors.arrive()
    page.goto(city.at("/about/"))
    page.evaluate(
        """() => {
            const bad = document.createElement("div");
            bad.innerHTML = '<img src="/static/none.svg"><p style="color: #EEE">pale</p><b>wide</b>';
            bad.lastChild.style.cssText = "display: block; width: 2000px; color: #D0D0D0";
            document.querySelector("main").append(bad);
            setTimeout(() => { throw new Error("broken script"); });
        }"""
    )
    look = Inspection()
    look(page, "broken")
    for rule, times in (("image-alt", 2), ("too wide", 4), ("color-contrast", 2)):
        assert len([found for found in look.problems if rule in found]) == times, look.problems
    noticed = visitors.watch.problems
    for sign in ("CSP: style-src", "404 .*/static/none.svg", "script: .*broken script"):
        assert [found for found in noticed if re.search(sign, found)], noticed
    noticed.clear()


def test_map_list_and_questions(
    city: WorkingCity, question: int, page: Page, visitors: Visitors, inspect: Inspection
) -> None:
    desk = city.moderator_of(visitors)
    answered, _email = city.question(visitors.arrive())
    steps.publish(desk, city.address, answered)
    steps.enter_answer(desk, city.address, answered)
    steps.publish_answer(desk, city.address, answered)
    page.goto(city.at())
    page.wait_for_selector("#map [data-pin-id]")
    inspect(page, "home")
    page.locator(f"#map [data-pin-id='{question}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map-popup a")).to_be_visible()
    inspect(page, "home popup")
    for path, name in (
        ("/?status=waiting", "list filtered"),
        ("/?topic=wartime", "list empty"),
        (f"/q/{question}/", "question waiting"),
        (f"/q/{answered}/", "question answered"),
        ("/about/", "about"),
        ("/en/", "home english"),
        ("/q/99999/", "404"),
    ):
        page.goto(city.at(path))
        inspect(page, name)


def test_asking(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors, inspect: Inspection
) -> None:
    page.goto(city.at("/ask/"))
    inspect(page, "ask")
    steps.send(steps.ask_form(page))
    expect(page.locator(".error-summary")).to_be_focused()
    inspect(page, "ask errors")
    steps.put_pin(page)
    email = city.new_resident()
    photos = [steps.photo_file()]
    steps.send(steps.ask_form(page), steps.ask_fields(email, happening_now="yes", photos=photos))
    inspect(page, "ask emergency")
    steps.send(steps.ask_form(page))
    inspect(page, "pending")
    steps.send(page.locator("form:has([name='code'])"), {"code": "000000"})
    page.locator("details.disclosure > summary").click()
    inspect(page, "pending wrong code")
    pending = page.url
    letter = mailbox.wait_for_mail(email)
    other = visitors.arrive()
    other.goto(letter.link("/confirm/"))
    inspect(other, "confirm")
    page.goto(pending)
    steps.confirm_by_code(page, letter)
    inspect(page, "follow in moderation")
    page.goto(pending)
    inspect(page, "confirmed already")
    page.goto(city.at("/follow/lost/"))
    inspect(page, "lost link")
    steps.send(page.locator("main form"), {"email": email})
    inspect(page, "lost link sent")
    page.goto(city.at("/follow/unknown/"))
    inspect(page, "follow link dead")


def test_the_desk_and_what_the_resident_and_the_unit_see_of_it(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors, inspect: Inspection
) -> None:
    number, _email = city.question(page, photos=[steps.photo_file()], share_name=True)
    desk = city.moderator_of(visitors)

    def item(name: str) -> None:
        steps.open_item(desk, city.address, number)
        inspect(desk, f"item {name}")

    desk.goto(city.at("/desk/"))
    inspect(desk, "queue")
    desk.locator("[data-open='shortcuts']").click()
    inspect(desk, "queue keys")
    desk.goto(city.at("/desk/?tab=clarification"))
    inspect(desk, "queue empty")
    item("in moderation")
    folded = desk.locator("main details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    inspect(desk, "item unfolded")
    steps.act(desk, "/ask-back/", {"ask_back-text": "Біля якої зупинки?"})
    item("asked back")
    page.reload()
    inspect(page, "follow asked back")
    steps.send(page.locator("main form:has([name='text'])"), {"text": "Біля вокзалу."})
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/reject/", {"reject-reason": "Не стосується міста."})
    item("rejected")
    page.reload()
    inspect(page, "follow rejected")
    steps.act(desk, "/reconsider/")
    steps.publish(desk, city.address, number)
    item("to route")
    steps.route(desk, city.address, number)
    item("with a unit")

    link = mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/")
    unit = visitors.arrive()
    unit.goto(link)
    inspect(unit, "unit new")
    steps.act(unit, "/accept/")
    steps.act(unit, "/submit/", {"text": "так"})
    inspect(unit, "unit errors")
    steps.act(unit, "/submit/", {"text": steps.ANSWER, "competence": "Міська рада"})
    inspect(unit, "unit receipt")
    unit.goto(link)
    inspect(unit, "unit answered")
    item("answer to publish")
    steps.publish_answer(desk, city.address, number)
    item("answered")
    page.reload()
    inspect(page, "follow answered")
    unit.goto(link)
    inspect(unit, "unit link dead")
    steps.act(desk, "/correct/", {"correct-note": "Виправлено номер будинку."})
    page.goto(city.at(f"/q/{number}/"))
    inspect(page, "question corrected")
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/hide/", {"hide-reason": "Прізвище у тексті."})
    item("hidden")
    page.goto(city.at(f"/q/{number}/"))
    inspect(page, "removed")
    desk.goto(city.at("/desk/staff/"))
    inspect(desk, "403")


def test_hours_from_the_person_to_the_administrator(
    city: WorkingCity, visitors: Visitors, inspect: Inspection
) -> None:
    person, boss = city.moderator_of(visitors), city.admin_of(visitors)
    person.goto(city.at("/desk/hours/"))
    inspect(person, "hours of a month")
    # The month before is whole, whatever the day is.
    person.locator("main [rel='prev']").click()
    grid = person.locator("main form[action*='/desk/hours/']")
    cell = grid.locator("input[name$='-02_moderation']")
    cell.fill("1,3")
    # By the keyboard alone.
    cell.press("Enter")
    inspect(person, "hours with an error")
    cell.fill("1,5")
    cell.press("Tab")
    expect(grid.locator("input[name$='-02_routing']")).to_be_focused()
    person.keyboard.type("0:45")
    person.locator("main a[href*='-03/']").first.click()
    inspect(person, "hours of a day")
    person.locator(".breadcrumbs a").click()
    grid.locator("input[name$='-02_moderation']").fill("1,5")
    grid.locator("[formaction$='/submit/']").click()
    inspect(person, "hours submitted")
    boss.goto(city.at("/desk/hours/review/"))
    inspect(boss, "hours of everybody")
    boss.locator("main table a").first.click()
    inspect(boss, "hours to approve")
    steps.act(boss, "/send-back/", {"send_back-reason": "Неділя чи понеділок?"})
    inspect(boss, "hours returned")
    person.reload()
    inspect(person, "hours returned to the person")
    person.locator("[formaction$='/submit/']").click()
    boss.reload()
    boss.locator("main form[action$='/approve/'] button").click()
    inspect(boss, "hours approved")


def test_a_question_passed_back(
    city: WorkingCity,
    question: int,
    mailbox: Mailbox,
    visitors: Visitors,
    inspect: Inspection,
) -> None:
    desk = city.moderator_of(visitors)
    steps.route(desk, city.address, question)
    unit = visitors.arrive()
    unit.goto(mailbox.wait_for_mail(city.liaison, steps.FOR_UNIT, "/answer/").link("/answer/"))
    steps.act(unit, "/pass-back/", {"pass-reason": "Це до міської ради."})
    inspect(unit, "unit passed back")
    steps.open_item(desk, city.address, question)
    inspect(desk, "item passed back")


def test_staff_units_and_sign_in(
    city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors, inspect: Inspection
) -> None:
    admin = city.admin_of(visitors)
    steps.invite(admin, city.address, "newcomer@city.example")
    inspect(admin, "staff")
    admin.locator("form[action$='/revoke/'] button").first.click()
    expect(admin.locator("dialog.dialog[open]")).to_be_visible()
    inspect(admin, "staff confirm")
    for path, name in (("/desk/units/", "units"), ("/desk/units/new/", "unit form")):
        admin.goto(city.at(path))
        inspect(admin, name)
    steps.send(admin.locator("main form"), {"name_uk": "  ", "email": "x@city.example"})
    inspect(admin, "unit errors")

    page.goto(mailbox.wait_for_mail("newcomer@city.example").link("/invitation/"))
    inspect(page, "invitation")
    steps.send(page.locator("main form"), {"name": "Нова", "password": "1234567890"})
    inspect(page, "invitation errors")
    page.goto(city.at("/account/invitation/unknown/"))
    inspect(page, "invitation dead")
    page.goto(city.at("/account/sign-in/"))
    inspect(page, "sign in")
    steps.send(page.locator("main form"), {"email": city.moderator, "password": "не той"})
    inspect(page, "sign in errors")
    page.goto(city.at("/account/reset/"))
    inspect(page, "reset")
    steps.send(page.locator("main form"), {"email": city.moderator})
    inspect(page, "reset sent")
    page.goto(mailbox.wait_for_mail(city.moderator).link("/account/reset/"))
    inspect(page, "new password")


def test_the_platform_and_cities_that_are_closed(
    installation: Installation, page: Page, visitors: Visitors, inspect: Inspection
) -> None:
    closed = installation.provision("Хмельницький", "--launch-on", "2099-01-01")
    page.goto(closed.at())
    inspect(page, "curtain")
    suspended = installation.provision("Кропивницький")
    installation.manage("city", "suspend", suspended.slug, "--reason", "Переїзд служби.")
    page.goto(suspended.at())
    inspect(page, "suspended home")
    page.goto(suspended.at("/ask/"))
    inspect(page, "suspended ask")
    page.goto(f"http://nema-takoho.localhost:{installation.port}/")
    inspect(page, "unknown host")

    operator = "operator@bezpechne.example"
    installation.manage("create_operator", operator, OPERATOR_PASSWORD=steps.PASSWORD)
    page.goto(f"{installation.base_url}/")
    inspect(page, "landing")
    console = f"{installation.base_url}/console/"
    steps.give_password(page, console, operator)
    inspect(page, "second factor set up")
    steps.set_up_app(page)
    inspect(page, "recovery codes")
    page.locator("main .button--primary").click()
    page.wait_for_url(console)
    expect(page.locator("main")).to_contain_text("Кропивницький")
    inspect(page, "console")
    for name in ("jobs", "journal", "requests", "announcements", f"cities/{suspended.slug}"):
        page.goto(f"{installation.base_url}/console/{name}/")
        inspect(page, f"console {name.partition('/')[0]}")
    page.goto(f"{installation.base_url}/console/cities/{suspended.slug}/limits/")
    inspect(page, "console limits")
    page.goto(f"{installation.base_url}/join/")
    inspect(page, "join")

    page.goto(f"{installation.base_url}/console/cities/{suspended.slug}/life/")
    for summary in page.locator("main details > summary").all():
        summary.click()
    inspect(page, "life of a city")
    archive = page.locator("form[action$='/archive/']")
    steps.send(archive, {"archive-name": "Кропивницкий"})
    expect(page.locator("main [role='alert']")).to_be_visible()
    inspect(page, "life of a city, wrong name")
    steps.send(page.locator("form[action$='/archive/']"), {"archive-name": "кропивницький"})
    expect(page.locator("form[action$='/unarchive/']")).to_have_count(1)
    inspect(page, "life of an archived city")
    visitors.watch.expect("^410 ")
    for _ in range(40):
        page.goto(suspended.at())
        if page.locator("#list").count() == 0:
            break
        page.wait_for_timeout(250)
    expect(page.locator("main h1")).to_contain_text("Кропивницький")
    inspect(page, "archived")


def test_an_operator_s_own_pages_and_in_a_city(
    installation: Installation, city: WorkingCity, page: Page, inspect: Inspection
) -> None:
    operator, console = "acting@bezpechne.example", f"{installation.base_url}/console/"
    installation.manage("create_operator", operator, OPERATOR_PASSWORD=steps.PASSWORD)
    secret = steps.sign_in_operator(page, console, operator)
    for path, name in (
        ("/account/security/", "second factor"),
        ("/account/security/recovery-codes/", "new recovery codes"),
        ("/account/security/replace/", "another app"),
        (f"/console/cities/{city.address.slug}/administrator/", "replace the administrator"),
        (f"/console/cities/{city.address.slug}/act/", "act: reason"),
    ):
        page.goto(f"{installation.base_url}{path}")
        inspect(page, name)
    steps.send(page.locator("main form"), {"reason": "Просять поправити контакти"})
    inspect(page, "act: link")
    page.goto(page.locator("main .button--primary").get_attribute("href") or "")
    inspect(page, "act: begin")
    steps.send(page.locator("main form"))
    for path in ("/desk/", "/desk/staff/", "/desk/platform/", "/account/sign-in/"):
        page.goto(city.at(path))
        inspect(page, f"acting {path}")
    steps.send(page.locator(".acting-bar form"))
    inspect(page, "acting ended")

    page.goto(console)
    steps.send(page.locator("footer form[action$='/sign-out/']"))
    steps.give_password(page, console, operator)
    inspect(page, "code")
    # Of the next half-minute: the one of now may be spent already.
    steps.send(page.locator("main form"), {"code": steps.app_code(secret, later=1)})
    page.wait_for_url(console)


def test_when_the_database_is_away(
    installation: Installation, city: WorkingCity, visitors: Visitors, inspect: Inspection
) -> None:
    page = visitors.arrive()
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    visitors.watch.expect("^503 ")
    with installation.database_refuses():
        steps.send(steps.ask_form(page), steps.ask_fields(city.new_resident()))
        inspect(page, "503")
