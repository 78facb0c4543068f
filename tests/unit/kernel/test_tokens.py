"""Links and codes: another city, purpose, row or version is another secret."""

import hashlib
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel import tokens
from bezpechne.kernel.schema import current_schema, in_schema


def test_a_token_is_32_url_safe_characters_and_always_the_same() -> None:
    with in_schema("city_poltava"):
        token = tokens.make("follow", 7, 1)
        assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
        assert tokens.make("follow", 7, 1) == token


def test_whatever_changes_the_token_changes() -> None:
    made = set()
    for schema in ("city_poltava", "city_ternopil", "public"):
        with in_schema(schema):
            for purpose in ("follow", "confirm", "pending", "routing", "invitation"):
                for row in (1, 11, 111):
                    made |= {tokens.make(purpose, row, version) for version in (1, 11)}
    assert len(made) == 3 * 5 * 3 * 2


def test_neighbouring_values_do_not_run_together() -> None:
    """Row 1 version 23 is not row 12 version 3."""
    with in_schema("city_poltava"):
        assert tokens.make("follow", 1, 23) != tokens.make("follow", 12, 3)


def test_the_row_keeps_the_hash_alone() -> None:
    token = tokens.make("follow", 1, 1)
    assert tokens.hashed(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in tokens.hashed(token)


@given(st.integers(1, 2**62), st.integers(1, 1000))
def test_a_code_is_six_digits(row: int, version: int) -> None:
    assert re.fullmatch(r"[0-9]{6}", tokens.code("confirm", row, version))


def test_codes_of_one_row_differ_by_version_and_city() -> None:
    codes = []
    for schema in ("city_poltava", "city_ternopil"):
        with in_schema(schema):
            codes += [tokens.code("confirm", 5, version) for version in range(1, 6)]
    assert all(one != other for one, other in pairwise(codes))
    assert len(set(codes)) == len(codes)


def test_a_code_is_matched_as_people_type_it() -> None:
    code = tokens.code("confirm", 5, 1)
    for typed in (code, f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}"):
        assert tokens.code_matches("confirm", 5, 1, typed)


@pytest.mark.parametrize(
    "typed", ["", "abc", "12345", "1234567", "\x00", "\U0001d7d9" * 6, "\uff11" * 270]
)
def test_another_text_is_no_code(typed: str) -> None:
    assert not tokens.code_matches("confirm", 5, 1, typed)


@given(st.text(max_size=40))
def test_no_text_breaks_the_comparison(typed: str) -> None:
    assert tokens.code_matches("confirm", 5, 1, typed) in {True, False}


def test_leaving_a_schema_restores_it_after_an_error() -> None:
    before = current_schema()
    with pytest.raises(RuntimeError), in_schema("city_poltava"):
        raise RuntimeError
    assert current_schema() == before
