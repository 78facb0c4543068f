"""Words of an emergency: a hint, so a miss and a false alarm both cost something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.questions.emergency import emergency_words

ALARMS = [
    "Сусід погрожує ножем, допоможіть терміново",
    "Він мене б’є",
    "Чоловік б'є мене і дітей",
    "Дружину бʼє просто у дворі",
    "У дворі лежить непритомна людина",
    "Біля школи підозрілий пакунок",
    "Стріляють на вулиці Соборній!",
    "П’яний за кермом їде по тротуару",
    "Я не хочу жити",
    "Горить гараж",
    "Зникла дитина, 6 років",
    "Хтось ламає двері в під’їзді",
    "Вчора був шум. Зараз чути постріли",
    "A man with a knife is near the school",
    "My neighbour is not breathing",
    "There is a suspicious package at the stop",
    "Yesterday it was loud. Now there is shooting",
]
CALM = [
    "",
    "Чому машини стоять на тротуарі?",
    "Вчора викликав 102, бо була бійка зараз тихо",
    "Вчора чули постріл біля парку",
    "Минулого тижня тут побили хлопця, чи буде патруль?",
    "Чому світлофор горить червоним п’ять хвилин",
    "Ліхтар не горить другий місяць",
    "Коли відкриють музей історії зброї, там є гранати",
    "Під час навчань була стрілянина, попередьте людей",
    "Where can I park a car near the theatre?",
    "Last week someone was injured here, will there be a patrol?",
    "I already called 102 about the knife",
]


@pytest.mark.parametrize("text", ALARMS)
def test_an_emergency_is_noticed(text: str) -> None:
    assert emergency_words(text)


@pytest.mark.parametrize("text", CALM)
def test_the_past_and_the_everyday_are_no_emergency(text: str) -> None:
    assert emergency_words(text) == []


def test_words_come_once_in_order_and_as_written() -> None:
    assert emergency_words("Пожежа! Стріляють. ПОЖЕЖА") == ["пожежа", "стріляють"]


def test_kinds_of_apostrophes_are_one() -> None:
    found = [emergency_words(f"він б{sign}є мене") for sign in "'’ʼ`‘"]
    assert found == [["б'є мене"]] * 5


def test_an_emergency_inside_a_word_is_none() -> None:
    assert emergency_words("незагорить перегорить begun") == []


@given(st.text(max_size=500))
def test_any_text_is_survived(text: str) -> None:
    found = emergency_words(text)
    assert len(found) == len(set(found))


@given(st.text(alphabet="б'ємене. !102вчорагкніж\n", max_size=200))
def test_texts_of_the_words_own_letters_are_survived(text: str) -> None:
    assert all(word in text.lower() for word in emergency_words(text))
