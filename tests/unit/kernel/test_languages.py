"""The language is in the path: found, changed, and changed back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel.languages import language_of, path_in

PATHS = st.lists(st.sampled_from(["q", "en", "1", "desk", "english", "uk"]), max_size=4).map(
    lambda parts: "/" + "".join(f"{part}/" for part in parts)
)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/", "uk"),
        ("/en/", "en"),
        ("/en", "en"),
        ("/english/", "uk"),
        ("/enq/", "uk"),
        ("/q/en/", "uk"),
        ("/EN/", "uk"),
        ("", "uk"),
    ],
)
def test_language_of_a_path(path: str, language: str) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("language", "path", "same_page"),
    [
        ("en", "/", "/en/"),
        ("uk", "/en/", "/"),
        ("uk", "/en", "/"),
        ("en", "/en/q/1/", "/en/q/1/"),
        ("uk", "/q/1/?x=1", "/q/1/?x=1"),
        ("en", "/q/1/?x=1", "/en/q/1/?x=1"),
    ],
)
def test_the_same_page_in_another_language(language: str, path: str, same_page: str) -> None:
    assert path_in(language, path) == same_page


@given(PATHS.filter(lambda path: not path.startswith("/en/")))
def test_there_and_back_is_the_same_page(path: str) -> None:
    assert language_of(path_in("en", path)) == "en"
    assert path_in("uk", path_in("en", path)) == path


@pytest.mark.parametrize("path", ["/en//evil.example/", "/en/\\evil.example/"])
def test_no_link_leads_to_another_host(path: str) -> None:
    assert not path_in("uk", path).startswith(("//", "/\\"))
