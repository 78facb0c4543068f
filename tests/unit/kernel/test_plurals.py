"""Counted words in Ukrainian, through the compiled catalogue."""

from fractions import Fraction

import pytest
from django.utils.translation import ngettext, override


def days(number: int | float | Fraction) -> str:
    """As the page before the launch counts."""
    with override("uk"):
        return ngettext("%(days)s day", "%(days)s days", number) % {"days": number}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 днів"),
        (1, "1 день"),
        (2, "2 дні"),
        (4, "4 дні"),
        (5, "5 днів"),
        (11, "11 днів"),
        (12, "12 днів"),
        (14, "14 днів"),
        (20, "20 днів"),
        (21, "21 день"),
        (22, "22 дні"),
        (25, "25 днів"),
        (101, "101 день"),
        (111, "111 днів"),
        (112, "112 днів"),
        (122, "122 дні"),
    ],
)
def test_a_whole_number_takes_one_of_three_forms(number: int, words: str) -> None:
    assert days(number) == words


def test_a_fraction_takes_the_fourth_form() -> None:
    with pytest.warns(DeprecationWarning, match="Plural value must be an integer"):
        assert days(1.5) == "1.5 дня"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "питання чекає"), (3, "питання чекають"), (8, "питань чекають"), (21, "питання чекає")],
)
def test_the_verb_agrees_with_the_number_too(number: int, words: str) -> None:
    with override("uk"):
        noun, verb = ngettext("question", "questions", number), ngettext("waits", "wait", number)
    assert f"{noun} {verb}" == words


@pytest.mark.parametrize(("number", "words"), [(1, "1 day"), (0, "0 days"), (21, "21 days")])
def test_english_needs_no_catalogue(number: int, words: str) -> None:
    with override("en"):
        assert ngettext("%(days)s day", "%(days)s days", number) % {"days": number} == words
