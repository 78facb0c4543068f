"""Hours as typed and as shown."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from community.timesheet.wording import hours_text, minutes_from


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1,5", 90),
        ("1.25", 75),
        (" 2 ", 120),
        ("0:15", 15),
        ("10:45", 645),
        ("0", 0),
        ("0.01", None),
        ("1:75", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e99999999", None),
        ("година", None),
        ("", None),
    ],
)
def test_what_people_type(typed: str, minutes: int | None) -> None:
    assert minutes_from(typed) == minutes


@given(st.integers(1, 96 * 31))
def test_what_is_shown_can_be_typed(quarters: int) -> None:
    for language in ("uk", "en"):
        with translation.override(language):
            assert minutes_from(hours_text(quarters * 15).replace("\xa0", "")) == quarters * 15
