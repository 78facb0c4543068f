"""An administrator prepares a city before its launch, page after page, and opens it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox

UNITS = (
    "Підрозділ;Тип;У складі;Ел. пошта;Телефон\r\n"
    "Районне управління поліції;Районне управління поліції;;ruv@police.example;0532 111111\r\n"
    "Дільничні офіцери «Центр»;Дільничні офіцери поліції;Районне управління поліції;beat@police.example;\r\n"
    "Помилкова;;;не пошта;\r\n"
)


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


def table(text: str) -> dict[str, Any]:
    """As a spreadsheet of a police office saves it."""
    return {"name": "units.csv", "mimeType": "text/csv", "buffer": text.encode("windows-1251")}


def square(west: float, south: float, east: float, north: float, *, turned: bool) -> str:
    """A GeoJSON outline; `turned`: latitude first, as maps of people often have it."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    rings = [[list(reversed(one)) if turned else list(one) for one in corners]]
    return json.dumps({"type": "Polygon", "coordinates": rings})


def test_an_administrator_prepares_a_city_and_opens_it(
    installation: Installation,
    mailbox: Mailbox,
    page: Page,
    visitors: Visitors,
    inspect: Inspection,
) -> None:
    launch = date.today() + timedelta(days=14)  # noqa: DTZ011 - two weeks, whatever the zone
    city = installation.provision("Миргород", "--launch-on", launch.isoformat())
    steps.accept_invitation(page, mailbox.wait_for_mail(city.admin), "Ірина Адміністраторка")
    page.goto(city.at("/desk/city/"))
    inspect(page, "city hub")

    # The map: a bound by hand, then an outline that is first refused and explained.
    page.locator("main a[href$='/desk/city/map/']").click()
    inspect(page, "city map")
    west, south, east, north = (
        float(page.locator(f"[name='{side}']").input_value())
        for side in ("west", "south", "east", "north")
    )
    north = round(north + 0.01, 4)
    steps.act(page, "/city/map/", {"north": str(north)})
    expect(page.locator("[name='north']")).to_have_value(str(north))
    box = (west, south, east, north)
    steps.act(page, "/map/outline/", {"outline_text": square(*box, turned=True)})
    expect(page.locator("#outline .error-summary, #outline .field__error").first).to_be_visible()
    inspect(page, "outline refused")
    steps.act(page, "/map/outline/", {"outline_text": square(*box, turned=False)})
    inspect(page, "outline preview")
    steps.send(page.locator("main form").first)
    expect(page.locator("#outline")).to_contain_text("Місто має контур")

    # Topics: another order, and one more from the catalogue.
    page.goto(city.at("/desk/city/topics/"))
    inspect(page, "topics")
    names = page.locator(".topic-name a")
    second = names.nth(1).inner_text()
    with page.expect_navigation():
        page.locator("tr").nth(2).locator("button[value='up']").click()
    expect(names.first).to_have_text(second)

    # Units from a table with one wrong line, seen before anything is written.
    page.goto(city.at("/desk/units/import/"))
    inspect(page, "units send")
    steps.send(page.locator("main form"), {"file": table(UNITS)})
    expect(page.locator("main")).to_contain_text("Дільничні офіцери «Центр»")
    expect(page.locator("main tbody").first).to_contain_text("не пошта")
    inspect(page, "units look")
    steps.send(page.locator(".sticky-bar form").first)
    page.goto(city.at("/desk/units/"))
    expect(page.locator("main")).to_contain_text("Дільничні офіцери «Центр»")
    expect(page.locator("main")).not_to_contain_text("Помилкова")
    inspect(page, "units")
    steps.set_liaison_address(page, city, "liaison@myrhorod.example")

    # Who answers for personal data.
    page.goto(city.at("/desk/city/privacy/"))
    inspect(page, "privacy form")
    steps.send(
        page.locator("main form"),
        {
            "controller": "Миргородська міська рада",
            "address": "вул. Незалежності, 17, Миргород",
            "email": "rada@myrhorod.example",
        },
    )
    for name, path in (
        ("look", "/desk/city/look/"),
        ("overview", "/desk/overview/"),
        ("activity", "/desk/activity/"),
        ("privacy page", "/privacy/"),
        ("staff", "/desk/staff/"),
    ):
        page.goto(city.at(path))
        inspect(page, name)

    steps.invite(page, city, "moderator@myrhorod.example")
    moderator = visitors.arrive()
    letter = mailbox.wait_for_mail("moderator@myrhorod.example")
    steps.accept_invitation(moderator, letter, "Марко Модератор")
    moderator.goto(city.at("/desk/city/privacy/"))
    expect(moderator.locator("main form [name='controller']")).to_have_count(0)

    # The preview is for staff; after the launch the public sees what was prepared.
    resident = visitors.arrive()
    resident.goto(city.at())
    expect(resident.locator("#map")).to_have_count(0)
    page.goto(city.at())
    expect(page.locator("#map")).to_be_visible()
    installation.manage("city", "launch", city.slug)
    for _turn in range(40):
        resident.goto(city.at())
        if resident.locator("#map").count():
            break
        resident.wait_for_timeout(250)
    resident.goto(city.at("/privacy/"))
    expect(resident.locator("main")).to_contain_text("Миргородська міська рада")
    resident.goto(city.at("/ask/"))
    expect(resident.locator("[name='topic'] option").nth(1)).to_have_text(second)
