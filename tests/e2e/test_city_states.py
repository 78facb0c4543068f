"""A city before its launch, a suspended one, a host that nobody knows, and the two languages."""

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox

REASON = "Міський відділ переїжджає до 1 грудня."


def _status_of(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def _until(page: Page, address: str, shows: str) -> None:
    """Opens a page until it shows something: the server keeps a city's row for five seconds."""
    for _ in range(40):
        page.goto(address)
        if page.locator(shows).count():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{address} does not show {shows}.")


def test_before_its_launch_a_city_is_seen_by_its_staff_alone(
    installation: Installation, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    launch = date.today() + timedelta(days=14)  # noqa: DTZ011 - two weeks, whatever the zone
    city = installation.provision("Черкаси", "--launch-on", launch.isoformat())
    staff = visitors.arrive()
    steps.accept_invitation(staff, mailbox.wait_for_mail(city.admin), "Ірина Адміністраторка")

    for path in ("/", "/ask/", "/about/", "/q/1/", "/en/"):
        page.goto(city.at(path))
        expect(page.locator("#map, #pick-map, main form")).to_have_count(0)
        expect(page.locator("a[href='tel:102']").first).to_be_visible()
    assert _status_of(page, city.at("/account/sign-in/")) == 200
    expect(page.locator("main input[name='password']")).to_be_visible()

    staff.goto(city.at())
    expect(staff.locator("#map")).to_be_visible()
    expect(staff.locator("#list .empty")).to_be_visible()
    # Staff try the whole way out; the resident's own links work behind the curtain.
    steps.ask(staff, city, "proba@cherkasy.example")
    page.goto(mailbox.wait_for_mail("proba@cherkasy.example").link("/confirm/"))
    steps.send(page.locator("main form"))
    page.wait_for_url("**/follow/**")

    installation.manage("city", "launch", city.slug)
    _until(page, city.at(), "#map")


def test_a_suspended_city_is_readable_and_says_why_it_takes_no_questions(
    installation: Installation, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    city = installation.provision("Житомир")
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    steps.fill(steps.ask_form(page), steps.ask_fields("late@zhytomyr.example"))
    installation.manage("city", "suspend", city.slug, "--reason", REASON)
    neighbour = visitors.arrive()
    _until(neighbour, city.at(), f"text={REASON}")
    expect(neighbour.locator("#list")).to_be_visible()
    expect(neighbour.locator("a.map-ask")).to_have_count(0)

    # Opened before, sent after: refused with the reason, and the text waits for better times.
    steps.send(steps.ask_form(page))
    expect(page.get_by_text(REASON).first).to_be_visible()
    installation.manage("city", "resume", city.slug)
    _until(page, city.at("/ask/"), "form[data-draft]")
    expect(page.locator("[name='text']")).to_have_value(steps.QUESTION)
    assert mailbox.to("late@zhytomyr.example") == []


def test_an_unknown_host_gets_a_helpful_page_that_lists_nothing(
    installation: Installation, page: Page
) -> None:
    installation.provision("Суми", "--launch-on", "2099-01-01")
    assert _status_of(page, f"http://nema-takoho.localhost:{installation.port}/") == 404
    expect(page.locator(f"main a[href^='{installation.base_url}']").first).to_be_visible()
    assert "Суми" not in page.content()


def test_english_is_at_its_own_address_and_the_phone_s_language_is_ignored(
    installation: Installation, visitors: Visitors, mailbox: Mailbox
) -> None:
    city = installation.provision("Чернігів")
    page = visitors.arrive(locale="en-GB")
    page.goto(city.at())
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    page.locator("nav.lang a[hreflang='en']").first.click()
    page.wait_for_url("**/en/**")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".site-brand__city")).to_have_text("Chernihiv")
    page.locator("a.map-ask").click()
    page.wait_for_url("**/en/ask/**")
    steps.put_pin(page)
    steps.send(steps.ask_form(page), steps.ask_fields("john@chernihiv.example"))
    letter = mailbox.wait_for_mail("john@chernihiv.example")
    assert "Confirm your question" in letter.subject
    page.goto(letter.link("/en/confirm/"))
    steps.send(page.locator("main form"))
    page.wait_for_url("**/en/follow/**")
