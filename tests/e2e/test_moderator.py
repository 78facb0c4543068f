"""A moderator's morning: twenty new questions, spam, search, a double, phrases, a colleague."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

SPAM, DARK = "Купуйте дешеві шини за посиланням", "Чому на вулиці Соборності досі немає освітлення?"
DOUBLE = "Коли буде освітлення на Соборності, там темно"
_SEED = """
from uuid import uuid4
from community.questions.actions import asking
from community.questions.models import Topic
from tenants.current import current_city, entered
with entered("city_{slug}"):
    def ask(number, text):
        draft = asking.Draft(
            submit_key=uuid4(), topic=Topic.objects.order_by("position")[number % 2], text=text,
            point=current_city().centre, point_is_rough=False, place="", name="Одарка Тихенька",
            email=f"morning-{{number}}@dubno.example", share_name=False,
            happening_now=False, language="uk",
        )
        asking.confirm(asker=asking.submit(draft=draft, visitor=str(number)))
    for number in range(5):
        ask(number, "{spam}, знижки номер " + str(number))
    for number in range(5, 18):
        ask(number, "Хто прибере машини з тротуару біля будинку " + str(number) + "?")
    ask(18, "{dark}")
    ask(19, "{double}")
"""


@pytest.fixture(scope="module")
def city(make_city: Any) -> WorkingCity:
    """Of its own: the morning begins with an empty queue."""
    made: WorkingCity = make_city("Дубно")
    return made


@pytest.fixture
def inspect() -> Iterator[Inspection]:
    made = Inspection()
    yield made
    assert not made.problems, "\n".join(made.problems)


def _row(page: Page, text: str) -> str:
    """Address of the item in the list that has these words."""
    return str(page.locator(f".queue a:has-text('{text}')").first.get_attribute("href"))


def test_a_moderators_morning(
    installation: Installation,
    city: WorkingCity,
    mailbox: Mailbox,
    visitors: Visitors,
    inspect: Inspection,
) -> None:
    seed = _SEED.format(slug=city.address.slug, spam=SPAM, dark=DARK, double=DOUBLE)
    installation.manage("shell", "-v0", "-c", seed)
    desk, boss = city.moderator_of(visitors), city.admin_of(visitors)
    desk.goto(city.at("/desk/"))
    expect(desk.locator(".queue li")).to_have_count(20)
    inspect(desk, "morning queue")

    # By the keyboard: the search, the list, a tick; a key typed into the box is a letter.
    desk.keyboard.press("/")
    expect(desk.locator("#q")).to_be_focused()
    desk.keyboard.type("jx?")
    expect(desk.locator("#q")).to_have_value("jx?")
    desk.locator("h1").click()
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(desk.locator("[data-tick-count]")).to_have_text("1")
    desk.locator("[data-tick-all]").check()
    expect(desk.locator("[data-tick-count]")).to_have_text("20")
    desk.locator("[data-tick-all]").uncheck()

    # Spam, undone and gone again.
    for undone in (True, False):
        for row in desk.locator(f".queue li:has-text('{SPAM}') input").all():
            row.check()
        with desk.expect_navigation():
            desk.locator("#bulk button[value='spam']").click()
        expect(desk.locator(".queue li")).to_have_count(15)
        if undone:
            inspect(desk, "morning spam")
            with desk.expect_navigation():
                desk.locator("form[action*='/undo/'] button").click()
            expect(desk.locator(".queue li")).to_have_count(20)

    # What is looked for is found, and is not in the address.
    for typed, number in (("освітленню", 2), ("morning-18@", 1), ("тихенька", 20)):
        desk.locator("#q").fill(typed)
        with desk.expect_navigation():
            desk.locator("#q").press("Enter")
        expect(desk.locator(".queue li")).to_have_count(number)
        assert "morning" not in desk.url
    inspect(desk, "morning found")

    # The double goes to the one that was asked first; its resident is told.
    desk.goto(city.at("/desk/"))
    first, second = _row(desk, DARK), _row(desk, DOUBLE)
    desk.goto(city.at(first))
    steps.act(desk, "/publish/")
    desk.goto(city.at(second))
    suggested = desk.locator(".similar li").first
    expect(suggested).to_contain_text(DARK[:30])
    inspect(desk, "morning item")
    steps.send(suggested.locator("form"))
    joined = desk.locator(f"main a[href='{first}']").first
    expect(joined).to_be_visible()
    mailbox.wait_for_mail("morning-19@dubno.example", link_part=f"/q/{first.split('/')[3]}/")

    # A phrase goes beside what is typed, not in its place.
    desk.goto(city.at("/desk/"))
    desk.goto(city.at(_row(desk, "біля будинку 7?")))
    desk.keyboard.press("r")
    reason = desk.locator("[name='reject-reason']")
    expect(reason).to_be_focused()
    reason.fill("Вітаємо.")
    desk.locator("form[action*='/reject/'] select[data-phrases]").select_option(index=1)
    expect(reason).to_have_value("Вітаємо.\n\n" + reason.input_value().split("\n\n", 1)[1])
    assert len(reason.input_value()) > 40
    steps.act(desk, "/reject/")

    # Two people on one question see each other, and the second save is compared.
    for page in (desk, boss):
        page.goto(city.at(first))
        page.locator("details:has(form[action*='/edit/']) > summary").first.click()
    expect(desk.locator("#presence")).to_contain_text("Ірина", timeout=25_000)
    steps.act(boss, "/edit/", {"public-text": "Чому на Соборності темно?"})
    steps.act(desk, "/edit/", {"public-text": "Коли на Соборності буде світло?"})
    expect(desk.locator(".differences")).to_contain_text("Чому на Соборності темно?")
    expect(desk.locator("[name='public-text']")).to_have_value("Коли на Соборності буде світло?")
    inspect(desk, "morning compared")
    steps.act(desk, "/edit/")
    expect(desk.locator(".message--success")).to_be_visible()

    # A note, and the question is mine.
    steps.act(desk, "/note/", {"note-text": "Мешканка телефонувала."})
    desk.keyboard.press("a")
    expect(desk.locator("#assign-person option:checked")).to_contain_text("Марко")
    for path, name in (
        ("/desk/?whose=me&tab=to_route", "mine"),
        ("/desk/phrases/", "phrases"),
        ("/desk/phrases/new/", "phrase form"),
        ("/desk/me/notifications/", "reminders"),
    ):
        desk.goto(city.at(path))
        inspect(desk, f"morning {name}")
