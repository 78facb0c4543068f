"""Everything a resident needs works without scripts."""

from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

# 25 published questions, by the real actions and from as many visitors: two pages of the list.
_SEED = """
from uuid import uuid4
from bezpechne.accounts.models import User
from community.questions.actions import asking, moderating
from community.questions.models import Topic
from tenants.current import current_city, entered
with entered("city_{schema}"):
    topic = Topic.objects.get(code="noise")
    by = User.objects.get(email="{moderator}").actor
    lat, lon = current_city().centre
    for number in range(25):
        asker = asking.submit(
            draft=asking.Draft(
                submit_key=uuid4(), topic=topic, text=f"Чому шумно на розі вулиці {{number}}?",
                point=(lat, lon), point_is_rough=False, place=f"ріг {{number}}", name="Назар",
                email=f"nazar-{{number}}@city.example", share_name=False, happening_now=False,
                language="uk",
            ),
            visitor=str(number),
        )
        question = asking.confirm(asker=asker)
        public = moderating.Public(
            text=question.text, place=question.place, topic=topic, point=(lat, lon), photos=[]
        )
        moderating.publish(by=by, question=question, public=public)
"""


def _without_scripts(visitors: Visitors) -> Page:
    return visitors.arrive(java_script_enabled=False)


def test_list_pages_filters_and_a_question_are_plain_links(
    installation: Installation, city: WorkingCity, visitors: Visitors
) -> None:
    installation.manage(
        "shell", "-v0", "-c", _SEED.format(schema=city.address.slug, moderator=city.moderator)
    )
    page = _without_scripts(visitors)
    page.goto(city.at("/?topic=noise"))
    rows = page.locator("#list [data-question-id]")
    expect(rows).to_have_count(20)
    first = {row.get_attribute("data-question-id") for row in rows.all()}
    page.locator(".pagination a[rel='next']").click()
    expect(rows).to_have_count(5)
    second = {row.get_attribute("data-question-id") for row in rows.all()}
    assert not first & second

    page.goto(city.at())
    steps.send(page.locator("form.filters"), {"topic": "wartime"})
    expect(rows).to_have_count(0)
    steps.send(page.locator("form.filters"), {"topic": "noise", "status": "waiting"})
    expect(rows).to_have_count(20)
    rows.first.locator("a").click()
    expect(page.locator("article .status-strip.status--waiting")).to_be_visible()
    expect(page.locator("article")).to_contain_text("Чому шумно на розі")


def test_asking_with_the_place_in_words_and_confirming(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors
) -> None:
    page = _without_scripts(visitors)
    email = city.new_resident()
    page.goto(city.at("/ask/"))
    expect(page.locator("#pick-map")).to_be_hidden()
    # Without a place the form comes back with everything else.
    steps.send(steps.ask_form(page), steps.ask_fields(email, photos=[steps.photo_file()]))
    expect(page.locator("#id_place_error")).to_be_visible()
    expect(page.locator("[name='text']")).to_have_value(steps.QUESTION)
    expect(page.locator("[name='remove_photo']")).to_have_count(1)
    steps.send(steps.ask_form(page), {"place": "навпроти вокзалу, біля зупинки"})
    letter = mailbox.wait_for_mail(email)
    number = steps.number_in(letter)
    page.goto(letter.link("/confirm/"))
    steps.send(page.locator("main form"))
    page.wait_for_url("**/follow/**")
    expect(page.locator("main .photos img")).to_have_count(1)

    # The desk puts the pin before it publishes.
    desk = city.moderator_of(visitors)
    steps.open_item(desk, city.address, number)
    steps.act(desk, "/publish/")
    expect(desk.locator(".error-summary")).to_be_visible()
    steps.put_pin(desk, 20, -20)
    steps.act(desk, "/publish/")
    page.goto(city.at(f"/q/{number}/"))
    expect(page.locator("article")).to_contain_text("навпроти вокзалу")
