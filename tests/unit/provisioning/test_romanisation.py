"""Romanisation by resolution No. 55: the examples are the resolution's own."""

# ruff: noqa: RUF001 - Ukrainian words.
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.romanisation import romanise, slugify_uk

OFFICIAL = {
    "Алушта": "Alushta",
    "Андрій": "Andrii",
    "Борщагівка": "Borshchahivka",
    "Борисенко": "Borysenko",
    "Вінниця": "Vinnytsia",
    "Гадяч": "Hadiach",
    "Богдан": "Bohdan",
    "Згурський": "Zghurskyi",
    "Згорани": "Zghorany",
    "Розгон": "Rozghon",
    "Ґалаґан": "Galagan",
    "Ґорґани": "Gorgany",
    "Донецьк": "Donetsk",
    "Рівне": "Rivne",
    "Єнакієве": "Yenakiieve",
    "Гаєвич": "Haievych",
    "Короп’є": "Koropie",
    "Житомир": "Zhytomyr",
    "Жежелів": "Zhezheliv",
    "Казимирчук": "Kazymyrchuk",
    "Медвин": "Medvyn",
    "Іванків": "Ivankiv",
    "Їжакевич": "Yizhakevych",
    "Кадиївка": "Kadyivka",
    "Мар’їне": "Marine",
    "Йосипівка": "Yosypivka",
    "Стрий": "Stryi",
    "Олексій": "Oleksii",
    "Київ": "Kyiv",
    "Лебедин": "Lebedyn",
    "Миколаїв": "Mykolaiv",
    "Ніжин": "Nizhyn",
    "Полтава": "Poltava",
    "Ромни": "Romny",
    "Суми": "Sumy",
    "Тетерів": "Teteriv",
    "Ужгород": "Uzhhorod",
    "Фастів": "Fastiv",
    "Харків": "Kharkiv",
    "Біла Церква": "Bila Tserkva",
    "Чернівці": "Chernivtsi",
    "Шостка": "Shostka",
    "Щербухи": "Shcherbukhy",
    "Гоща": "Hoshcha",
    "Юрій": "Yurii",
    "Корюківка": "Koriukivka",
    "Яготин": "Yahotyn",
    "Ярошенко": "Yaroshenko",
    "Костянтин": "Kostiantyn",
    "Знам’янка": "Znamianka",
    "Феодосія": "Feodosiia",
}


@pytest.mark.parametrize(("ukrainian", "latin"), OFFICIAL.items())
def test_a_name_is_romanised_as_the_resolution_shows(ukrainian: str, latin: str) -> None:
    assert romanise(ukrainian) == latin


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "‘", "`", "´"])
def test_no_apostrophe_begins_a_new_word(apostrophe: str) -> None:
    assert romanise(f"Знам{apostrophe}янка") == "Znamianka"


@pytest.mark.parametrize(
    ("ukrainian", "latin"),
    [
        ("Новий Яричів", "Novyi Yarychiv"),
        ("Рава-Ясна", "Rava-Yasna"),
        ("ЩЕРБУХИ", "SHCHERBUKHY"),
        ("ЗГОРАНИ", "ZGHORANY"),
        ("Щ", "Shch"),
        ("Poltava, 36000", "Poltava, 36000"),
        # Decomposed letters, as macOS writes them into file names.
        ("Стрий", "Stryi"),
        ("", ""),
    ],
)
def test_words_capitals_and_foreign_signs(ukrainian: str, latin: str) -> None:
    assert romanise(ukrainian) == latin


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Полтава", "poltava"),
        ("Кам’янець-Подільський", "kamianets-podilskyi"),
        ("  Біла   Церква ", "bila-tserkva"),
        ("Café №5", "cafe-no5"),
        ("—", ""),
    ],
)
def test_a_slug_is_a_host_name(name: str, slug: str) -> None:
    assert slugify_uk(name) == slug


@given(st.text(max_size=40))
def test_a_slug_of_anything_is_empty_or_a_host_name(text: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", slugify_uk(text))
