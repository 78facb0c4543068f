"""A letter on a phone and on a desk, in the light and in the dark, as a mail program shows it."""

from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Page

from bezpechne.kernel.mail.letters import Letter
from tests.e2e.accessibility import Inspection
from tests.e2e.test_accessibility import LONG_WORD

LETTER = Letter(
    to="resident@mail.example",
    subject="Ваше питання № 123 опубліковано",
    paragraphs=["Доброго дня, Оксано.", f"Ваше питання опубліковано. {LONG_WORD}"],
    site="Безпечне · Полтава",
    site_url="https://poltava.bezpechne.example/",
    code="482 913",
    quote=f"Водії їдуть на «темно-жовтий» уздовж Соборності.\n\n{LONG_WORD}{LONG_WORD}",
    quote_label="Ваше питання",
    button=("Переглянути питання", f"https://poltava.bezpechne.example/follow/{'x1Y' * 60}/"),
    after=("Це посилання лише для вас. Не пересилайте його.",),
)


def test_a_letter_fits_every_screen_and_theme(page: Page) -> None:
    with translation.override("uk"):
        html = render_to_string("mail/letter.html", {"letter": LETTER, "language": "uk"})
    page.set_content(html)
    look = Inspection()
    look(page, "letter")
    # Landmarks and a heading are what a page has; a letter is shown inside a mail program.
    found = [one for one in look.problems if "region" not in one and "heading" not in one]
    found = [one for one in found if "landmark" not in one]
    assert not found, "\n".join(found)
    # What is not white on a light ground must have a colour of its own in the dark.
    page.emulate_media(color_scheme="dark")
    grounds = page.evaluate(
        "() => ['.ground', '.paper', '.fill'].map((name) =>"
        " getComputedStyle(document.querySelector(name)).backgroundColor)"
    )
    assert grounds == ["rgb(16, 24, 31)", "rgb(24, 34, 43)", "rgb(125, 184, 245)"]
