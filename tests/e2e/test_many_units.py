"""A city with three hundred units: one is found by typing, by the keyboard, on a phone; and without scripts."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.accessibility import Inspection
from tests.e2e.browsing import PHONE, Visitors
from tests.e2e.installation import Installation
from tests.e2e.steps import WorkingCity

SEED = """
from community.answers.models import Unit
from tenants.current import entered
with entered("city_{slug}"):
    for number in range(300):
        Unit.objects.create(name_uk=f"Дільниця № {{number}}", email=f"d{{number}}@police.example")
"""


@pytest.fixture(scope="module")
def city(make_city: Any, installation: Installation) -> WorkingCity:
    made: WorkingCity = make_city("Лубни")
    installation.manage("shell", "-v0", "-c", SEED.format(slug=made.address.slug))
    return made


def test_a_unit_is_found_by_the_keyboard(city: WorkingCity, visitors: Visitors) -> None:
    inspect = Inspection()
    page = city.admin_of(visitors, **PHONE)
    page.goto(city.at("/desk/city/topics/new/"))
    field, options = page.get_by_role("combobox", name="Хто зазвичай"), page.get_by_role("option")
    sent = page.locator("select[name='unit']")
    expect(field).to_have_value("Основний підрозділ")
    field.focus()
    page.keyboard.type("дільниці 277")
    expect(options).to_have_text(["Дільниця № 277"])
    inspect(page, "units found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Дільниця № 277")
    expect(options).to_have_count(0)
    chosen = sent.input_value()
    # What was typed and not chosen is asked about, and no other unit is taken for it.
    page.keyboard.press("Control+A")
    page.keyboard.type("нічого такого")
    expect(page.get_by_text("Немає підрозділу з такими словами")).to_be_visible()
    page.keyboard.press("Tab")
    expect(field).to_have_value("нічого такого")
    page.locator("[name='name_uk']").fill("Тиша")
    page.locator("[name='name_en']").fill("Silence")
    page.get_by_role("button", name="Зберегти").click()
    expect(page.locator("main")).to_contain_text("Введено «нічого такого»")
    assert sent.input_value() == chosen
    expect(field).to_have_value("Дільниця № 277")
    # By the finger, and back to nobody in particular.
    field.click()
    field.fill("")
    options.first.click()
    expect(field).to_have_value("Основний підрозділ")
    assert sent.input_value() == ""
    assert not inspect.problems, "\n".join(inspect.problems)


def test_without_scripts_a_button_finds(city: WorkingCity, visitors: Visitors) -> None:
    signed_in = city.admin_of(visitors).context.storage_state()
    page = visitors.arrive(java_script_enabled=False, storage_state=signed_in)
    page.goto(city.at("/desk/city/topics/new/"))
    page.locator("[name='name_uk']").fill("Тиша")
    page.locator("[name='unit-words']").fill("дільниця 277")
    page.get_by_role("button", name="Знайти").click()
    expect(page.locator("[name='name_uk']")).to_have_value("Тиша")
    page.locator("[name='unit']").select_option(label="Дільниця № 277")
