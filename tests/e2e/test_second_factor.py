"""A city's staff: the second factor set up, passkeys, lost and found again, sessions."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import PASSWORD, WorkingCity

SECURITY = "/account/security/"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A device with a passkey of its own behind a page's browser."""

    def __init__(self, page: Page) -> None:
        self._talk = page.context.new_cdp_session(page)
        self._talk.send("WebAuthn.enable")
        made = self._talk.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = {"authenticatorId": made["authenticatorId"]}

    def passkeys(self) -> list[dict[str, Any]]:
        found = self._talk.send("WebAuthn.getCredentials", self._id)
        return list(found["credentials"])

    def take(self, passkey: dict[str, Any]) -> None:
        """Puts a passkey into this device, as a copy would be."""
        self._talk.send("WebAuthn.addCredential", {**self._id, "credential": passkey})

    def lose(self) -> None:
        self._talk.send("WebAuthn.clearCredentials", self._id)


class Person:
    """A moderator with an account of their own, who has just accepted the invitation."""

    def __init__(self, name: str, city: WorkingCity, mailbox: Mailbox, visitors: Visitors) -> None:
        self.city, self.email = city, f"{name}@{city.address.slug}.example"
        self._visitors, self.page = visitors, visitors.arrive()
        admin = city.admin_of(visitors)
        steps.invite(admin, city.address, self.email)
        steps.accept_invitation(self.page, mailbox.wait_for_mail(self.email), "Ганна Ключова")

    def set_up(self) -> list[str]:
        """From the banner to the recovery codes."""
        self.page.goto(self.city.at("/desk/"))
        with self.page.expect_navigation():
            self.page.locator(".factor-banner a").click()
        self.secret = (self.page.locator(".secret").text_content() or "").replace(" ", "")
        form = self.page.locator("main form")
        steps.send(form, {"code": steps.app_code(self.secret), "password": PASSWORD})
        codes = self.page.locator("#codes li")
        expect(codes).to_have_count(10)
        return [text.strip() for text in codes.all_text_contents()]

    def add_passkey(self, name: str) -> None:
        self.page.goto(self.city.at(SECURITY))
        with self.page.expect_navigation():
            self.page.locator("a[href$='/passkeys/add/']").click()
        self.page.fill("[name='name']", name)
        self.page.locator("main form button[type='submit']").click()
        self.page.wait_for_url(f"**{SECURITY}")
        expect(self.page.locator(".entry-list__item").first).to_contain_text(name)

    def sign_out(self) -> None:
        steps.act(self.page, "/account/sign-out/")

    def give_password(self, page: Page) -> None:
        steps.give_password(page, self.city.at("/desk/"), self.email)


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    look = Inspection()
    yield look
    assert look.problems == []


def test_an_app_is_set_up_and_asked_for_and_a_lost_phone_has_recovery_codes(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors, inspect: Inspection
) -> None:
    person = Person("hanna", city, mailbox, visitors)
    person.page.goto(city.at(SECURITY))
    inspect(person.page, "security before the factor")
    person.page.goto(city.at("/account/security/set-up/"))
    inspect(person.page, "set up within the grace")
    codes = person.set_up()
    inspect(person.page, "codes of a city")
    mailbox.wait_for_mail(person.email)
    person.page.locator("main .button--primary").click()
    expect(person.page.locator(".factor-banner")).to_have_count(0)
    inspect(person.page, "security with a factor")

    elsewhere = visitors.arrive()
    person.give_password(elsewhere)
    elsewhere.wait_for_url("**/account/second-factor/")
    inspect(elsewhere, "code of a city")
    steps.send(elsewhere.locator("main form"), {"code": "000000"})
    expect(elsewhere.locator(".error-summary")).to_be_visible()
    steps.send(elsewhere.locator("main form"), {"code": steps.app_code(person.secret, 12)})
    expect(elsewhere.locator(".error-summary")).to_contain_text("6")
    steps.send(elsewhere.locator("main form"), {"code": codes[0]})
    elsewhere.wait_for_url("**/desk/")


def test_a_passkey_signs_in_with_and_without_the_password_and_a_copy_is_stopped(
    installation: Installation,
    city: WorkingCity,
    mailbox: Mailbox,
    visitors: Visitors,
    inspect: Inspection,
) -> None:
    person = Person("olha", city, mailbox, visitors)
    page, device = person.page, Device(person.page)
    person.set_up()
    page.goto(city.at("/account/security/passkeys/add/"))
    inspect(page, "add a passkey")
    person.add_passkey("Робочий ноутбук")
    inspect(page, "security with a passkey")
    (kept,) = device.passkeys()
    assert kept["rpId"] in city.at("/")

    # Alone, then after the password.
    person.sign_out()
    page.goto(city.at("/account/sign-in/"))
    inspect(page, "sign-in with a passkey")
    page.locator("[data-passkey-use] button").click()
    page.wait_for_url("**/desk/")
    person.sign_out()
    person.give_password(page)
    page.wait_for_url("**/account/second-factor/")
    page.locator("[data-passkey-use] button").click()
    page.wait_for_url("**/desk/")

    # At another city the device has nothing to offer; a sentence says so.
    neighbour = installation.provision("Бровари")
    page.goto(neighbour.at("/account/sign-in/"))
    page.locator("[data-passkey-use] button").click()
    expect(page.locator("[data-passkey-said]")).to_be_visible()
    expect(page.locator("main input[name='password']")).to_be_visible()

    # A copy with the counter of before.
    thief = visitors.arrive()
    copy = Device(thief)
    copy.take({**kept, "signCount": 0})
    thief.goto(city.at("/account/sign-in/"))
    thief.locator("[data-passkey-use] button").click()
    expect(thief.locator(".message--error")).to_be_visible()
    expect(thief.locator("main input[name='password']")).to_be_visible()
    page.goto(city.at(SECURITY))
    expect(page.locator(".entry-list__item .is-overdue").first).to_be_visible()
    inspect(page, "a stopped passkey")

    # Removed: the device keeps it, the city does not know it.
    steps.send(page.locator("form[action$='/remove/']"))
    expect(page.locator("form[action$='/remove/']")).to_have_count(0)


def test_a_lost_second_factor_is_taken_away_by_the_administrator(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors, inspect: Inspection
) -> None:
    person = Person("iryna", city, mailbox, visitors)
    person.set_up()
    admin = city.admin_of(visitors)
    admin.goto(city.at("/desk/staff/"))
    inspect(admin, "staff with sessions")
    row = admin.locator(f"tr:has-text('{person.email}')")
    steps.send(row.locator("form[action$='/second-factor/reset/']"))
    expect(admin.locator(".message--success")).to_be_visible()
    person.page.goto(city.at("/desk/"))
    expect(person.page.locator("main input[name='password']")).to_be_visible()
    steps.send(person.page.locator("main form"), {"email": person.email, "password": PASSWORD})
    person.page.wait_for_url("**/account/second-factor/set-up/")
    steps.set_up_app(person.page)
    person.page.locator("main .button--primary").click()
    person.page.wait_for_url("**/desk/")


def test_sessions_are_listed_and_ended(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors
) -> None:
    person = Person("sofia", city, mailbox, visitors)
    others = [visitors.arrive() for _ in range(3)]
    for other in others:
        person.give_password(other)
        other.wait_for_url("**/desk/")
    mailbox.wait_for_mail(person.email)
    page = person.page
    page.goto(city.at(SECURITY))
    lines = page.locator("section[aria-labelledby='sessions'] .entry-list__item")
    expect(lines).to_have_count(4)
    steps.send(page.locator("form[action*='/sessions/'][action$='/end/']").first)
    expect(lines).to_have_count(3)
    steps.act(page, "/security/sessions/end/")
    expect(lines).to_have_count(1)
    for other in others:
        other.goto(city.at("/desk/"))
        expect(other.locator("main input[name='password']")).to_be_visible()

    admin = city.admin_of(visitors)
    admin.goto(city.at("/desk/staff/"))
    row = admin.locator(f"tr:has-text('{person.email}')")
    steps.send(row.locator("form[action$='/sessions/end/']"))
    page.goto(city.at("/desk/"))
    expect(page.locator("main input[name='password']")).to_be_visible()
