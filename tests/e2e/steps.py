"""What people do in the journeys. Found by names of fields and addresses, never by words:
the words are the catalogue's, and pages come in two languages."""

import re
import time
from typing import Any
from uuid import uuid4

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Visitors
from tests.e2e.installation import CityAddress, Installation
from tests.e2e.mail import Mail, Mailbox
from tests.pictures import phone_photo

PASSWORD = "тихий-ставок-42-тополя"
QUESTION = "Чому біля зупинки щодня стоять машини на тротуарі, і хто їх прибере?"
ANSWER = "Патруль перевірив місце, склав два протоколи і замовив стовпчики."
expect.set_options(timeout=15_000)

Fields = dict[str, Any]


def fill(form: Locator, fields: Fields) -> None:
    """Fills by name: texts, choices, switches (True, False), files (list)."""
    for name, value in fields.items():
        box = form.locator(f"[name='{name}']:not([type='hidden'])")
        kind = box.first.evaluate("(element) => element.type")
        if kind == "radio":
            box.and_(form.locator(f"[value='{value}']")).check()
        elif kind == "checkbox":
            box.set_checked(value)
        elif kind == "file":
            box.first.set_input_files(value)
        elif kind.startswith("select"):
            box.select_option(value)
        else:
            box.fill(value)


def send(form: Locator, fields: Fields | None = None) -> None:
    """Opens what the form is folded in, fills it, presses its button, waits for the next page."""
    page = form.page
    for folded in form.locator("xpath=ancestor::details[not(@open)]").all():
        folded.locator("> summary").click()
    fill(form, fields or {})
    asks_first = form.get_attribute("data-confirm") is not None
    with page.expect_navigation():
        # The button that inserts a phrase is there as long as no script has taken it away.
        form.locator("button:not([type='button']):not([name='insert']):not([hidden])").first.click()
        if asks_first:
            page.locator("dialog.dialog[open] .button--primary").click()


def form_to(page: Page, end: str) -> Locator:
    """The form whose address ends so."""
    return page.locator(f"form[action$='{end}']").first


def act(page: Page, end: str, fields: Fields | None = None) -> None:
    """One action on a page: fills and sends the form whose address ends with `end`."""
    send(form_to(page, end), fields)


# In the subject of a letter with a question; a receipt has a link to answer too.
FOR_UNIT = "для вашого підрозділу"


# --- Staff ----------------------------------------------------------------------------------------


def accept_invitation(page: Page, letter: Mail, name: str) -> None:
    """From the letter to a signed-in person."""
    page.goto(letter.link("/account/invitation/"))
    send(page.locator("main form"), {"name": name, "password": PASSWORD})
    assert page.context.cookies(), "Accepting signs in."


def sign_in(page: Page, city: CityAddress, email: str) -> None:
    page.goto(city.at("/account/sign-in/"))
    send(page.locator("main form"), {"email": email, "password": PASSWORD})
    expect(page.locator("main input[name='password']")).to_have_count(0)


def app_code(secret: str, later: int = 0) -> str:
    """What an authenticator app shows now, or so many half-minutes later."""
    step = int(time.time()) // 30 + later
    return str(format_hotp_value(hotp_value(secret, step)))


def give_password(page: Page, address: str, email: str) -> None:
    """The first step of the platform's people, from a page that asks for it."""
    page.goto(address)
    page.wait_for_url(re.compile(r"/account/sign-in/"))
    send(page.locator("main form"), {"email": email, "password": PASSWORD})


def set_up_app(page: Page) -> str:
    """The second step of the first sign-in: the secret of the new app; the codes are shown."""
    secret = (page.locator(".secret").text_content() or "").replace(" ", "")
    send(page.locator("main form"), {"code": app_code(secret)})
    expect(page.locator("#codes li")).to_have_count(10)
    return secret


def sign_in_operator(page: Page, address: str, email: str) -> str:
    """The whole first sign-in, to the page that asked for it; returns the app's secret."""
    give_password(page, address, email)
    secret = set_up_app(page)
    page.locator("main .button--primary").click()
    page.wait_for_url(address)
    return secret


def operator_of(installation: Installation, visitors: Visitors) -> Page:
    """A new person of the platform, signed in on its own host with both factors."""
    email = f"operator-{uuid4().hex[:8]}@platform.example"
    installation.manage("create_operator", email, OPERATOR_PASSWORD=PASSWORD)
    page = visitors.arrive()
    sign_in_operator(page, f"{installation.base_url}/console/", email)
    return page


def finance_officer_of(installation: Installation, visitors: Visitors) -> Page:
    """A new finance officer, signed in on the platform's host with both factors."""
    email = f"finance-{uuid4().hex[:8]}@platform.example"
    installation.manage("create_operator", email, "--role=finance", OPERATOR_PASSWORD=PASSWORD)
    page = visitors.arrive()
    sign_in_operator(page, f"{installation.base_url}/finance/", email)
    return page


def set_liaison_address(page: Page, city: CityAddress, email: str) -> None:
    """The administrator gives the first unit its address."""
    page.goto(city.at("/desk/units/"))
    page.locator("main th a").first.click()
    send(page.locator("main form"), {"email": email})
    expect(page.locator("main")).to_contain_text(email)


def add_unit(page: Page, city: CityAddress, name: str, email: str) -> None:
    page.goto(city.at("/desk/units/new/"))
    send(page.locator("main form"), {"name_uk": name, "kind": "patrol", "email": email})
    expect(page.locator("main")).to_contain_text(name)


def invite(page: Page, city: CityAddress, email: str, role: str = "moderator") -> None:
    page.goto(city.at("/desk/staff/"))
    act(page, "/desk/staff/", {"email": email, "role": role})


def open_item(page: Page, city: CityAddress, number: int) -> None:
    page.goto(city.at(f"/desk/q/{number}/"))


def publish(page: Page, city: CityAddress, number: int) -> None:
    open_item(page, city, number)
    act(page, "/publish/")
    expect(page.locator(".status--waiting").first).to_be_visible()


def route(page: Page, city: CityAddress, number: int, unit: str = "") -> None:
    """To the unit of that name; to the liaison, which is chosen already, without one."""
    open_item(page, city, number)
    form = form_to(page, "/route/")
    if unit:
        for folded in form.locator("xpath=ancestor::details[not(@open)]").all():
            folded.locator("> summary").click()
        form.locator("[name='route-unit']").select_option(label=unit)
    send(form)


def publish_answer(page: Page, city: CityAddress, number: int) -> None:
    open_item(page, city, number)
    send(page.locator("form[action*='/answer/'][action$='/publish/']"))
    expect(page.locator(".status--answered").first).to_be_visible()


def enter_answer(page: Page, city: CityAddress, number: int) -> None:
    """An answer that came by phone, on behalf of the first unit."""
    open_item(page, city, number)
    act(
        page,
        f"/q/{number}/answer/",
        {"enter-unit": "1", "enter-channel": "phone", "enter-text": ANSWER},
    )


# --- Residents ------------------------------------------------------------------------------------


def ask_fields(email: str, **fields: Any) -> Fields:
    """Everything but the place."""
    return {
        "happening_now": "no",
        "topic": "parking",
        "text": QUESTION,
        "name": "Одарка Секретна",
        "email": email,
        "consent": True,
        **fields,
    }


def ask_form(page: Page) -> Locator:
    return page.locator("form[data-draft]")


def put_pin(page: Page, dx: int = 0, dy: int = 0) -> None:
    """A tap on the map, so many pixels from its middle."""
    pick = page.locator("#pick-map")
    pick.scroll_into_view_if_needed()
    box = pick.bounding_box()
    assert box
    pick.click(position={"x": box["width"] / 2 + dx, "y": box["height"] / 2 + dy})
    expect(pick.locator(".pin-target--chosen")).to_be_visible()


def photo_file(name: str = "IMG_0042.jpg") -> dict[str, Any]:
    """A phone's photo with a place inside."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": phone_photo()}


def ask(page: Page, city: CityAddress, email: str, **fields: Any) -> None:
    """From the form to «check your mail»."""
    page.goto(city.at("/ask/"))
    put_pin(page)
    send(ask_form(page), ask_fields(email, **fields))
    page.wait_for_url("**/ask/sent/**")


def number_in(letter: Mail) -> int:
    """«№ 123» of a subject."""
    found = re.search(r"№\s*(\d+)", letter.subject)
    assert found, letter.subject
    return int(found[1])


def confirm_by_code(page: Page, letter: Mail) -> None:
    """On the page «check your mail»."""
    send(page.locator("form:has([name='code'])"), {"code": letter.code})
    page.wait_for_url("**/follow/**")


# --- A city at work -------------------------------------------------------------------------------


class WorkingCity:
    """A city with an administrator, a moderator and two units with addresses."""

    PATROL_NAME = "Управління патрульної поліції"

    def __init__(self, address: CityAddress, mailbox: Mailbox, visitors: Visitors) -> None:
        """Lets the administrator prepare the city that was just provisioned."""
        self.address, self.mailbox, self._asked = address, mailbox, 0
        self.admin = address.admin
        self.moderator, self.liaison, self.patrol = (
            f"{who}@{address.slug}.example" for who in ("moderator", "liaison", "patrol")
        )
        page = visitors.arrive()
        accept_invitation(page, mailbox.wait_for_mail(self.admin), "Ірина Адміністраторка")
        set_liaison_address(page, address, self.liaison)
        add_unit(page, address, self.PATROL_NAME, self.patrol)
        invite(page, address, self.moderator)
        self._admin_cookies = page.context.storage_state()
        page = visitors.arrive()
        accept_invitation(page, mailbox.wait_for_mail(self.moderator), "Марко Модератор")
        self._moderator_cookies = page.context.storage_state()

    def at(self, path: str = "/") -> str:
        return self.address.at(path)

    def moderator_of(self, visitors: Visitors, **options: Any) -> Page:
        """The moderator, signed in."""
        return visitors.arrive(storage_state=self._moderator_cookies, **options)

    def admin_of(self, visitors: Visitors, **options: Any) -> Page:
        """The administrator, signed in."""
        return visitors.arrive(storage_state=self._admin_cookies, **options)

    def new_resident(self) -> str:
        """An address that nobody has used."""
        self._asked += 1
        return f"resident-{self._asked}@{self.address.slug}.example"

    def question(self, page: Page, **fields: Any) -> tuple[int, str]:
        """A confirmed question: its number and the resident's address; `page` follows it."""
        email = self.new_resident()
        ask(page, self.address, email, **fields)
        letter = self.mailbox.wait_for_mail(email, link_part="/confirm/")
        confirm_by_code(page, letter)
        self.mailbox.wait_for_mail(email, link_part="/follow/")
        return number_in(letter), email
