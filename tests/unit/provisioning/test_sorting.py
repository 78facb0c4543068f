"""Ukrainian alphabetical order."""

from bezpechne.kernel.sorting import ukrainian_key

ALPHABET = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"


def test_the_33_letters_keep_the_order_of_the_alphabet() -> None:
    assert len(ALPHABET) == 33
    assert "".join(sorted(ALPHABET, key=ukrainian_key)) == ALPHABET
    assert "".join(sorted(ALPHABET.upper(), key=ukrainian_key)) == ALPHABET.upper()


def test_names_stand_where_a_ukrainian_index_has_them() -> None:
    names = [
        "Біла",
        "Вінниця",
        "Глухів",
        "Ґалаґан",
        "Донецьк",
        "Енергодар",
        "Єнакієве",
        "Житомир",
        "Знам’янка",
        "Изюм",
        "Іванків",
        "Їжаківка",
        "Йосипівка",
        "Київ",
        "Нова Одеса",
        "Новгород-Сіверський",
        "Новомиколаївка",
        "Яготин",
    ]
    for shuffled in (names[::-1], names[1::2] + names[::2]):
        assert sorted(shuffled, key=ukrainian_key) == names


def test_case_and_apostrophes_do_not_count() -> None:
    assert ukrainian_key("Знам’янка") == ukrainian_key("ЗНАМ'ЯНКА") == ukrainian_key("знамянка")


def test_a_beginning_precedes_the_longer_name() -> None:
    assert ukrainian_key("Рівне") < ukrainian_key("Рівненська")


def test_the_key_is_digits_which_every_collation_orders_alike() -> None:
    key = ukrainian_key("Ґ 5, Odesa – Їжак!")
    assert key.isdecimal()
    assert key.isascii()
    assert len(key) == 2 * len("Ґ 5, Odesa – Їжак!")
