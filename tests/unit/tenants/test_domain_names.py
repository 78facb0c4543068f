"""What people type as a domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.domains.names import MAX_LENGTH, NameRefused, clean, display

LONG = ".".join(["a" * 60] * 5)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("police.poltava.ua", "police.poltava.ua"),
        ("  Police.POLTAVA.ua. ", "police.poltava.ua"),
        ("поліція.укр", "xn--k1afc4a8b0bb.xn--j1amh"),
        ("Поліція.УКР", "xn--k1afc4a8b0bb.xn--j1amh"),
        ("xn--k1afc4a8b0bb.xn--j1amh", "xn--k1afc4a8b0bb.xn--j1amh"),
        ("XN--J1AMH.ua", "xn--j1amh.ua"),
        ("поліція。укр", "xn--k1afc4a8b0bb.xn--j1amh"),
        ("a" * 63 + ".ua", "a" * 63 + ".ua"),
        ("102.poltava.ua", "102.poltava.ua"),
    ],
)
def test_a_name_becomes_what_dns_knows(typed: str, name: str) -> None:
    assert clean(typed) == name
    assert clean(name) == name


def test_a_ukrainian_name_is_shown_in_its_own_letters() -> None:
    assert display(clean("Поліція.укр")) == "поліція.укр"
    assert display("xn--zzzzzzzzz99999.ua") == "xn--zzzzzzzzz99999.ua"


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("https://police.poltava.ua", "police.poltava.ua"),
        ("https://Police.poltava.ua/ask/?x=1#top", "police.poltava.ua"),
        ("police.poltava.ua/", "police.poltava.ua"),
        ("//police.poltava.ua", "police.poltava.ua"),
        ("http:\\\\police.poltava.ua", "police.poltava.ua"),
        ("https://user:secret@police.poltava.ua:8443/x", "police.poltava.ua"),
        ("police.poltava.ua:8000", "police.poltava.ua"),
        ("mailto:info@police.poltava.ua", "police.poltava.ua"),
        ("info@police.poltava.ua", "police.poltava.ua"),
        ("https://поліція.укр/", "xn--k1afc4a8b0bb.xn--j1amh"),
        ("*.poltava.ua", "poltava.ua"),
    ],
)
def test_more_than_a_name_is_refused_with_the_name_offered(typed: str, suggestion: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean(typed)
    assert refused.value.suggestion == suggestion
    assert display(suggestion) in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".",
        "..",
        "police..ua",
        ".police.ua",
        "police.ua..",
        "poltava",
        "localhost",
        "police.localhost",
        "https://localhost/",
        "server.local",
        "203.0.113.5",
        "http://203.0.113.5/",
        "203.0.113.5:80",
        "2001:db8::1",
        "[2001:db8::1]",
        "[2001:db8::1]:80",
        "127.1",
        "0x7f.1",
        "police poltava.ua",
        "police_poltava.ua",
        "-police.ua",
        "police-.ua",
        "police.u@",
        "[x@y]",
        "https://[x/y]/",
        "*",
        "*.*.ua",
        "po*lice.ua",
        "a" * 64 + ".ua",
        "п" * 64 + ".укр",
        "п" * 62 + ".укр",
        LONG,
        "a" * 5000,
        "https://" + "a" * 5000,
        "xn--.ua",
        "xn--ю.ua",
        "xn--99999999999.ua",
        "police.ua\x00",
        "police.ua\nevil.ua",
        "bezpechne.test",
        "BEZPECHNE.test.",
        "kyiv.bezpechne.test",
        "a.b.bezpechne.test",
        "https://kyiv.bezpechne.test/",
        "police.123",
        "police.\u202eua",
        "' OR 1=1 --",
    ],
)
def test_what_is_no_domain_of_a_city_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean(typed)
    assert len(str(refused.value)) > 15
    assert refused.value.suggestion == ""


def test_the_record_fits_in_front_of_the_longest_name() -> None:
    longest = ".".join(["a" * 59] * 4) + ".u"
    assert len(longest) == MAX_LENGTH - 1
    assert clean(longest + "a") == longest + "a"
    with pytest.raises(NameRefused):
        clean(longest + "aa")


@given(st.text(max_size=80) | st.text("aAпП.-_:/@*#?[]xn\u3002 ", max_size=40))
def test_anything_typed_is_a_name_or_a_sentence(typed: str) -> None:
    try:
        name = clean(typed)
    except NameRefused as refusal:
        said, name = str(refusal), refusal.suggestion
        assert said
    if name:
        assert clean(name) == name
        assert name.isascii()
        assert "." in name
        assert name == name.lower()
