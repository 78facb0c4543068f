"""The demo cities read like written by people: whole, in bounds, no two alike, nothing private."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CONTENT = Path(__file__).parents[3] / "provisioning" / "demo" / "content"
TOPICS = frozenset(
    {
        *("parking", "traffic", "road_infra", "road_surface", "trade", "noise", "public_order"),
        *("drugs", "dogs", "property", "fraud", "patrol", "unsafe_place", "construction"),
        *("officer_work", "documents", "wartime", "other"),
    }
)
PRIVATE_TOPICS = frozenset({"domestic", "juvenile"})
KINDS = frozenset(
    {
        *("liaison", "patrol", "district_police", "cyber", "beat_officers", "legal_aid"),
        *("law_clinic", "council", "municipal_guard", "other"),
    }
)
COUNTS = {
    "kyiv": {
        "answered": 248,
        "submitted": 17,
        "published": 82,
        "in_moderation": 36,
        "clarification": 7,
        "rejected": 11,
        "private_waiting": 2,
        "private_answered": 1,
    },
    "ternopil": {"answered": 6, "published": 2, "in_moderation": 1},
    "poltava": {},
}
# west, east, south, north
BOUNDS = {
    "kyiv": (30.2448, 30.82169, 50.21967, 50.59076),
    "ternopil": (25.35703, 25.65079, 49.50663, 49.76641),
}
PUBLIC = frozenset({"answered", "submitted", "published"})
PRIVATE = frozenset({"private_waiting", "private_answered"})
EMAIL = re.compile(r"\S+@\S+\.\w+")
PHONE = re.compile(r"(?:\d[\s()\-\u2013.]*){9,}")
PLATE = re.compile(r"\b[^\W\d_]{2}\s?\d{4}\s?[^\W\d_]{2}\b")
FLAT = re.compile(r"\b(?:кв\.|квартир\w+)\s*№?\s*\d+", re.IGNORECASE)

# Words in a row that two texts may not share, and the part of all their words.
RUN, MOST_SHARED = 6, 0.4

City = dict[str, Any]
Question = dict[str, Any]


def load(slug: str) -> City:
    city: City = json.loads((CONTENT / f"{slug}.json").read_text(encoding="utf-8"))
    return city


CITIES = {slug: load(slug) for slug in COUNTS}
QUESTIONS = [
    pytest.param(slug, question, id=f"{slug}-{number}")
    for slug, city in CITIES.items()
    for number, question in enumerate(city["questions"])
]


def all_questions() -> list[Question]:
    return [question for city in CITIES.values() for question in city["questions"]]


def words(text: str) -> list[str]:
    """Lower-case words, without names (capitalised words), numbers and punctuation."""
    found = re.findall(r"[^\W_]+(?:['\u2019\u02bc-][^\W_]+)*", text)
    return [
        word for word in found if not word[0].isupper() and not any(sign.isdigit() for sign in word)
    ]


def five_grams(text: str) -> frozenset[tuple[str, ...]]:
    """Every five words in a row, as a set."""
    row = words(text)
    return frozenset(tuple(row[start : start + 5]) for start in range(len(row) - 4))


def overlap(one: frozenset[Any], other: frozenset[Any]) -> float:
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def published_texts(question: Question) -> list[str]:
    answer = question.get("answer", {})
    return [
        question["text"],
        question["place"],
        *(answer[part] for part in ("text", "competence", "next_step") if answer),
    ]


def strings(value: Any) -> Iterator[str]:
    """Every piece of text inside, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


@pytest.mark.parametrize("slug", COUNTS)
def test_every_city_has_the_promised_questions(slug: str) -> None:
    states = Counter(question["state"] for question in CITIES[slug]["questions"])
    assert states == COUNTS[slug]


@pytest.mark.parametrize("slug", COUNTS)
def test_units_are_whole_and_write_to_reserved_domains(slug: str) -> None:
    units = CITIES[slug]["units"]
    keys = [unit["key"] for unit in units]
    assert len(keys) == len(set(keys))
    assert [unit["kind"] for unit in units].count("liaison") == 1
    for unit in units:
        assert unit["kind"] in KINDS
        assert unit["name_uk"]
        assert unit["name_en"]
        assert unit["hours_uk"]
        assert unit["phone"] == ""
        assert unit["email"].endswith(".example")
    assert len({unit["email"] for unit in units}) == len(units)


@pytest.mark.parametrize(("slug", "question"), QUESTIONS)
def test_question_is_whole(slug: str, question: Question) -> None:
    west, east, south, north = BOUNDS[slug]
    assert question["topic"] in TOPICS | PRIVATE_TOPICS
    assert west <= question["lon"] <= east
    assert south <= question["lat"] <= north
    assert question["text"].strip()
    assert question["place"].strip()
    assert len(question["name"].split()) == 2
    assert question["language"] in {"uk", "en"}
    assert 0 <= question["days_ago"] <= 100
    assert question["photos"] in {0, 1, 2}
    assert isinstance(question["happening_now"], bool)


@pytest.mark.parametrize(("slug", "question"), QUESTIONS)
def test_state_and_its_fields_agree(slug: str, question: Question) -> None:
    keys = {unit["key"] for unit in CITIES[slug]["units"]}
    state = question["state"]
    assert question["routed"] == (question["unit"] in keys)
    assert question["routed"] or question["unit"] is None
    assert question["routed"] or not question["accepted"]
    assert question["routed"] is False or state in PUBLIC | PRIVATE
    if question["topic"] in PRIVATE_TOPICS:
        assert state not in PUBLIC
    else:
        assert state not in PRIVATE
    assert question["happening_now"] is False or state == "in_moderation"
    assert ("answer" in question) == (state in {"answered", "submitted", "private_answered"})
    assert "passed_back" not in question or (state == "published" and not question["accepted"])
    assert "opened" not in question or (question["routed"] and not question["accepted"])
    assert ("clarification" in question) == (state == "clarification")
    assert ("reject_reason" in question) == (state == "rejected")
    if "answer" in question:
        answer = question["answer"]
        assert question["accepted"]
        assert answer["text"].strip()
        assert answer["competence"].strip()
        assert answer["next_step"].strip()
        assert answer["role"] in {"police", "lawyer", "body"}
        assert 0 < answer["days_after"] < question["days_ago"]


def test_points_and_names_differ() -> None:
    questions = all_questions()
    assert len({(q["lat"], q["lon"]) for q in questions}) == len(questions)
    assert len({q["name"] for q in questions}) == len(questions)


def test_waiting_questions_show_every_stage() -> None:
    waiting = [q for q in CITIES["kyiv"]["questions"] if q["state"] == "published"]
    stages = {(q["routed"], q["accepted"]) for q in waiting}
    assert stages == {(True, True), (True, False), (False, False)}
    assert sum("passed_back" in q for q in waiting) >= 4
    assert sum("opened" in q for q in waiting) >= 4
    # Longer than any unit should need, and still not answered.
    assert sum(q["routed"] and q["days_ago"] > 14 for q in waiting) >= 10


def test_the_moderator_has_a_full_morning() -> None:
    new = [q for q in CITIES["kyiv"]["questions"] if q["state"] == "in_moderation"]
    assert len(new) >= 30
    assert sum(q["happening_now"] for q in new) >= 5
    assert max(q["days_ago"] for q in new) < 3
    # The same thing, told by several people.
    places = Counter(q["place"].split(",")[0].split(" ", 1)[-1].split()[-1] for q in new)
    assert len([place for place, times in places.items() if times > 1]) >= 2


def test_every_topic_has_its_share_of_kyiv() -> None:
    topics = Counter(q["topic"] for q in CITIES["kyiv"]["questions"])
    assert set(topics) == TOPICS | PRIVATE_TOPICS
    assert min(topics[topic] for topic in TOPICS) >= 15
    assert sum(q["language"] == "en" for q in CITIES["kyiv"]["questions"]) >= 8


def test_no_two_questions_are_equal_without_names_and_numbers() -> None:
    counted = Counter(" ".join(words(question["text"])) for question in all_questions())
    assert [text for text, times in counted.items() if times > 1] == []


def bodies() -> list[tuple[str, frozenset[str]]]:
    """Every question and answer with its words, each of which stands for itself."""
    found = [(q["text"], q.get("answer", {}).get("text", "")) for q in all_questions()]
    return [(text, frozenset(words(text))) for pair in found for text in pair if text]


def test_no_two_texts_share_a_long_run_of_words() -> None:
    """Questions and answers together: no six words in a row stand in two of them."""
    seen: dict[tuple[str, ...], str] = {}
    alike = []
    for text, _words in bodies():
        row = words(text)
        runs = {tuple(row[start : start + RUN]) for start in range(len(row) - RUN + 1)}
        alike += [(seen[run], text, run) for run in runs if run in seen]
        seen.update(dict.fromkeys(runs, text))
    assert alike == []


def test_no_two_texts_are_built_of_the_same_words() -> None:
    """However ordered: a text with another street, number or synonym is no new text."""
    pairs = itertools.combinations(bodies(), 2)
    assert [(one, other) for (one, a), (other, b) in pairs if overlap(a, b) >= MOST_SHARED] == []


def test_no_two_texts_are_near_duplicates() -> None:
    questions = all_questions()
    answers = [q["answer"]["text"] for q in questions if "answer" in q]
    for texts in ([q["text"] for q in questions], answers):
        pairs = itertools.combinations([(text, five_grams(text)) for text in texts], 2)
        alike = [(one, other) for (one, a), (other, b) in pairs if overlap(a, b) >= 0.05]
        assert alike == []


def test_the_tests_of_likeness_notice_a_text_with_another_street() -> None:
    one = "На вулиці Гмирі 4 третій день стоїть покинута машина без номерів, діти лазять усередину"
    other = one.replace("Гмирі 4", "Зодчих 52").replace("третій", "п’ятий")
    assert overlap(frozenset(words(one)), frozenset(words(other))) >= MOST_SHARED
    assert overlap(five_grams(one), five_grams(other)) >= 0.05


def test_next_steps_are_written_for_each_answer() -> None:
    steps = Counter(
        " ".join(words(question["answer"]["next_step"]))
        for question in all_questions()
        if "answer" in question
    )
    assert [step for step, times in steps.items() if times > 1] == []


@pytest.mark.parametrize("pattern", [EMAIL, PHONE, PLATE, FLAT])
def test_nothing_private_is_published(pattern: re.Pattern[str]) -> None:
    texts = [
        text
        for question in all_questions()
        if question["state"] in PUBLIC
        for text in published_texts(question)
    ]
    assert [text for text in texts if pattern.search(text)] == []


@pytest.mark.parametrize("pattern", [PHONE, PLATE, FLAT])
def test_the_moderator_has_something_to_edit_out(pattern: re.Pattern[str]) -> None:
    waiting = [q for q in CITIES["kyiv"]["questions"] if q["state"] == "in_moderation"]
    assert sum(bool(pattern.search(q["text"])) for q in waiting) == 1


@pytest.mark.parametrize("slug", COUNTS)
def test_typography_is_ukrainian(slug: str) -> None:
    straight = re.compile(r"\w['`\u02bc]\w")
    # Russian letters and quotation marks other than the angle ones.
    foreign = re.compile(r"[\u044b\u044d\u044a\u0451\u042b\u042d\u042a\u0401\u201c\u201d\u201e\"]")
    cyrillic, latin = r"[\u0400-\u04ff]", r"[A-Za-z]"
    mixed = re.compile(f"{cyrillic}{latin}|{latin}{cyrillic}")
    for text in strings(CITIES[slug]):
        for wrong in (straight, foreign, mixed):
            assert wrong.search(text) is None, text
