"""What people type and what is made of it: cleaning, and the words that stand for a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.questions.forms import UUIDsField, clean_text
from community.questions.queries import first_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  текст  ", "текст"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b\x07c\x7f", "abc"),
        ("\u202eзворотний\u202c", "зворотний"),
        ("\u2066a\u2069\u200f\u200e\u061c\ufeff", "a"),
        ("таб\tтут", "таб\tтут"),
        ("👨‍👩‍👧 сім’я 🇺🇦", "👨‍👩‍👧 сім’я 🇺🇦"),
        ("مرحبا שלום", "مرحبا שלום"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE x; --", "'; DROP TABLE x; --"),
        ("\x00", ""),
    ],
)
def test_only_what_nobody_sees_is_removed(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text(max_size=300))
def test_a_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not set(cleaned) & {"\x00", "\r", "\u202e", "\u200f"}
    assert len(cleaned) <= len(text)


def test_keys_that_are_none_are_dropped() -> None:
    key = "6f1c2a3e-0000-4000-8000-000000000001"
    assert [str(found) for found in UUIDsField().to_python(["x", key, "", None, "1' OR 1=1"])] == [
        key
    ]


def test_a_short_question_is_its_own_title() -> None:
    assert first_words("Чому  темно\nна Соборній?") == "Чому темно на Соборній?"


def test_a_long_question_is_cut_between_words() -> None:
    title = first_words("слово, " * 40)
    assert title.endswith("слово…")
    assert len(title) <= 91


@given(st.text(max_size=400), st.integers(min_value=1, max_value=120))
def test_first_words_never_grow(text: str, length: int) -> None:
    title = first_words(text, length)
    assert len(title) <= length + 1
    assert "\n" not in title
    if len(" ".join(text.split())) <= length:
        assert title == " ".join(text.split())
