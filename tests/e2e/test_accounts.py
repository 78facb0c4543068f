"""Staff: invitations, passwords, and the end of an account."""

from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

NEW_PASSWORD = "глибока-криниця-17-калина"


def _status_of(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_an_account_lives_from_its_invitation_to_its_end(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors
) -> None:
    email = "olena@city.example"
    admin, person = city.admin_of(visitors), visitors.arrive()
    steps.invite(admin, city.address, email)
    first = mailbox.wait_for_mail(email).link("/invitation/")
    admin.locator(f"tr:has-text('{email}') form[action$='/resend/'] button").click()
    second = mailbox.wait_for_mail(email)
    assert _status_of(person, first) == 410
    steps.accept_invitation(person, second, "Олена Нова")
    assert _status_of(person, second.link("/invitation/")) == 410
    assert _status_of(person, city.at("/desk/")) == 200
    assert _status_of(person, city.at("/desk/units/")) == 403

    # A forgotten password: the letter's link works once, older sessions end.
    elsewhere = visitors.arrive()
    elsewhere.goto(city.at("/account/reset/"))
    steps.send(elsewhere.locator("main form"), {"email": email})
    link = mailbox.wait_for_mail(email).link("/account/reset/")
    elsewhere.goto(link)
    steps.send(elsewhere.locator("main form"), {"password": NEW_PASSWORD})
    assert _status_of(elsewhere, link) == 410
    person.goto(city.at("/desk/"))
    expect(person.locator("main input[name='password']")).to_be_visible()
    form = person.locator("main form")
    steps.send(form, {"email": email, "password": steps.PASSWORD})
    expect(person.locator(".error-summary")).to_be_visible()
    steps.send(form, {"email": email, "password": NEW_PASSWORD})
    person.wait_for_url("**/desk/")

    # The account is closed: the open session ends with it.
    admin.goto(city.at("/desk/staff/"))
    row = admin.locator(f"tr:has-text('{email}')")
    steps.send(row.locator("form[action$='/deactivate/']"))
    person.goto(city.at("/desk/"))
    expect(person.locator("main input[name='password']")).to_be_visible()


def test_the_last_administrator_stays(city: WorkingCity, visitors: Visitors) -> None:
    admin = city.admin_of(visitors)
    admin.goto(city.at("/desk/staff/"))
    row = admin.locator(f"tr:has-text('{city.admin}')")
    steps.send(row.locator("form[action$='/deactivate/']"))
    expect(admin.locator(".message--error")).to_be_visible()
    assert _status_of(admin, city.at("/desk/staff/")) == 200


def test_a_session_carried_to_another_host_opens_nothing(
    installation: Installation, city: WorkingCity, visitors: Visitors
) -> None:
    neighbour = installation.provision("Вінниця")
    admin = city.admin_of(visitors)
    assert _status_of(admin, city.at("/desk/")) == 200
    (session,) = (row for row in admin.context.cookies() if row["name"] == "session")
    thief = visitors.arrive()
    for address in (f"{installation.base_url}/console/", neighbour.at("/desk/")):
        thief.context.add_cookies([{"name": "session", "value": session["value"], "url": address}])
        thief.goto(address)
        expect(thief.locator("main input[name='password']")).to_be_visible()
    assert _status_of(admin, city.at("/desk/")) == 200
