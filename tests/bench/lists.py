"""Lists, counts and pins of a large city against the obvious way."""

# ruff: noqa: T201, E402 - a script that prints, and sets its environment before Django reads it
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
os.environ.update(
    DATA_DIR=str(ROOT / ".data" / "bench"),
    VOLATILE="1",
    DJANGO_SETTINGS_MODULE="bezpechne.settings",
    LOG_LEVEL="ERROR",
)
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from community.answers.models import Routing, Unit
from community.answers.states import RoutingState
from community.desk import finding
from community.desk import queries as desk
from community.questions import queries
from community.questions.actions.counting import recount_cells
from community.questions.map_queries import view
from community.questions.models import Asker, Question, Tally, Topic
from community.questions.states import QuestionState
from tenants.current import entered
from tenants.geometry import Bounds
from tenants.models import City

RUNS = 15


def median(call: Callable[[], Any]) -> float:
    """Milliseconds, after one call that warms up."""
    call()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _containing(rows: QuerySet[Question], words: str) -> list[Question]:
    return list(rows.filter(public_text__icontains=words)[:21])


def compare(what: str, ours: Callable[[], Any], obvious: Callable[[], Any]) -> None:
    mine, theirs = median(ours), median(obvious)
    print(f"{what:<44} {mine:8.2f} ms   obvious {theirs:8.2f} ms   ratio {theirs / mine:6.1f}")


def fill(number: int) -> None:
    """Published questions spread over the city and the last three years."""
    topics, now = list(Topic.objects.all()), clock.now()
    rows = (
        Question(
            state=QuestionState.ANSWERED if index % 10 else QuestionState.PUBLISHED,
            topic=topics[index % len(topics)],
            text="Чому тут досі темно і хто має це полагодити? " * 6,
            public_text=f"Чому тут досі темно і хто має це полагодити? Будинок {index}. " * 6,
            lat=50.25 + (index * 7919 % 10_000) / 30_000,
            lon=30.26 + (index * 104_729 % 10_000) / 18_000,
            published_at=now - timedelta(minutes=15 * index),
            answered_at=now if index % 10 else None,
        )
        for index in range(number)
    )
    while batch := list(islice(rows, 2000)):
        Question.objects.bulk_create(batch)
    for state in (QuestionState.ANSWERED, QuestionState.PUBLISHED):
        Tally.objects.filter(state=state).update(
            number=Question.objects.filter(state=state).count()
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE questions_question")


# Words of texts, so that a search finds few, some or nearly all.
STREETS = [f"вулиця {name}ська" for name in ("Київ", "Львів", "Полтав", "Сум", "Рівнен", "Черкас")]
DESK_STATES = (
    (QuestionState.IN_MODERATION, 10),
    (QuestionState.PUBLISHED, 20),
    (QuestionState.REJECTED, 10),
)


def fill_desk(number: int) -> None:
    """Questions as the desk has them: a tenth new, a fifth published, half of those with a unit."""
    topics, now = list(Topic.objects.all()), clock.now()
    unit = Unit.objects.filter(is_liaison=True).first()
    for start in range(0, number, 2000):
        rows = [
            Question(
                state=_state_of(index),
                topic=topics[index % len(topics)],
                text=f"Чому {STREETS[index % 6]}, будинок {index}, досі без світла? " * 4,
                lat=50.25 + (index * 7919 % 10_000) / 30_000,
                lon=30.26 + (index * 104_729 % 10_000) / 18_000,
                created_at=now - timedelta(minutes=15 * (number - index)),
                confirmed_at=now - timedelta(minutes=15 * (number - index)),
                published_at=now,
                answered_at=now,
                is_urgent=index % 50 == 0,
            )
            for index in range(start, min(start + 2000, number))
        ]
        made = Question.objects.bulk_create(rows)
        Asker.objects.bulk_create(
            Asker(
                question=row,
                name=f"Одарка {STREETS[row.pk % 6][7:]}ка",
                email=f"resident{row.pk % 5000}@example.org",
                consent_version="1",
                consented_at=now,
            )
            for row in made
        )
        Routing.objects.bulk_create(
            Routing(question=row, unit=unit, state=RoutingState.SENT, expires_at=now)
            for row in made
            if row.state == QuestionState.PUBLISHED and row.pk % 2
        )
    for state in QuestionState.values:
        Tally.objects.filter(state=state).update(
            number=Question.objects.filter(state=state).count()
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE questions_question, questions_asker, answers_routing")


def _state_of(index: int) -> QuestionState:
    place = index % 100
    for state, share in DESK_STATES:
        if place < share:
            return state
        place -= share
    return QuestionState.ANSWERED


SEARCHES = ("будинок 777", "вулиця", "полтавська світла", "Одарка", "resident77@", "немаєтакого")


def _found(text: str) -> object:
    return desk.page(desk.FOUND, finding.questions_with(text), "")


def measure_desk(wanted: int) -> None:
    """The desk's pages of a city with so many questions: median of whole requests."""
    city = City.objects.get(slug="ternopil")
    client = Client(headers={"host": "ternopil.localhost"})
    with entered(city.schema_name):
        missing = wanted - Question.objects.count()
        if missing > 0:
            fill_desk(missing)
        total = Question.objects.count()
        person = User.objects.filter(email="bench@example.org").first() or User.objects.create_user(
            "bench@example.org", role="moderator", name="Bench"
        )
        client.force_login(person)
        item = Question.objects.filter(state=QuestionState.IN_MODERATION).latest("pk").pk
        print(f"the desk with {total} questions, milliseconds in the median")
        for text in SEARCHES:
            found = median(partial(_found, text))
            print(f"  search alone: {text:<24} {found:8.2f}")
        last = desk.page("answered", desk.listed("answered"), f"0~{total // 2}").after
    for tab in desk.TABS:
        print(f"  list {tab.key:<34} {median(partial(client.get, f'/desk/?tab={tab.key}')):8.2f}")
    deep = f"/desk/?tab=answered&after={last}"
    print(f"  list answered, deep page {'':<14} {median(lambda: client.get(deep)):8.2f}")
    narrow = "/desk/?tab=answered&topic=trade&age=30&whose=nobody"
    print(f"  list answered, filtered {'':<15} {median(lambda: client.get(narrow)):8.2f}")
    for text in SEARCHES:
        address = client.post("/desk/search/", {"q": text})["Location"]
        print(f"  search page: {text:<26} {median(partial(client.get, address)):8.2f}")
    print(f"  one question {'':<26} {median(lambda: client.get(f'/desk/q/{item}/')):8.2f}")


# Columns and rows of cells, counted from the questions themselves: the obvious way.
_COUNTED = """
    SELECT floor((lon + 180) * 2 ^ %(level)s / 360), floor((lat + 90) * 2 ^ %(level)s / 240), state,
           count(*), avg(lat), avg(lon)
    FROM questions_question WHERE state IN ('published', 'answered')
      AND lon BETWEEN %(west)s AND %(east)s AND lat BETWEEN %(south)s AND %(north)s
    GROUP BY 1, 2, 3
"""


def compare_map(whole: Bounds) -> None:
    """The whole city and a quarter of it as clusters, against counting the questions."""
    recount_cells()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE questions_cell")
        for zoom, box in ((11, whole), (14, Bounds(30.45, 50.40, 30.55, 50.45))):
            values = {"level": zoom + 2, **vars(box)}

            def obvious(values: dict[str, float] = values) -> None:
                cursor.execute(_COUNTED, values)
                cursor.fetchall()

            compare(f"clusters at zoom {zoom}", partial(view, box, zoom=zoom), obvious)


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate_schemas", interactive=False, verbosity=0)
    for name in ("Київ", "Тернопіль"):
        call_command("provision_city", name, admin_email="a@example.org", json=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    if "desk" in sys.argv:
        measure_desk(wanted)
        return
    city = City.objects.get(slug="kyiv")
    large = Client(headers={"host": "kyiv.localhost"})
    empty = Client(headers={"host": "ternopil.localhost"})
    with entered(city.schema_name):
        missing = wanted - Question.objects.count()
        if missing > 0:
            fill(missing)
        total = Question.objects.count()
        print(f"{total} questions")
        deep = Question.objects.order_by("-published_at", "-pk")[total - 100]
        cursor = f"{deep.published_at.isoformat() if deep.published_at else ''}~{deep.pk}"
        everything = queries.public_questions().order_by("-published_at", "-pk")
        compare(
            "counts: tally / COUNT(*)",
            queries.counts,
            lambda: [
                queries.public_questions(status).count() for status in ("waiting", "answered")
            ],
        )
        compare(
            "last page: by key / OFFSET",
            lambda: queries.public_page(status="", topic="", before=cursor),
            lambda: list(everything[total - 100 : total - 80]),
        )
        box = Bounds(30.5, 50.44, 30.52, 50.45)
        compare(
            "pins of a screen / all pins",
            lambda: queries.pins(box),
            lambda: list(queries.public_questions().values_list("id", "lat", "lon", "state")),
        )
        for words in ("777", "немаєтакого", "темно"):
            compare(
                f"search: few, none, all: {words}",
                partial(queries.public_page, words=f"будинок {words}"),
                partial(_containing, everything, words),
            )
        whole = Bounds(30.2, 50.2, 30.9, 50.7)
        print(f"pins of the whole city {median(lambda: queries.pins(whole)):23.2f} ms")
        compare_map(whole)
    # Requests leave their city when they end, so they are measured outside the block.
    many, none = median(lambda: large.get("/")), median(lambda: empty.get("/"))
    print(f"home: {total} questions {many:.2f} ms, none {none:.2f} ms, ratio {many / none:.2f}")


if __name__ == "__main__":
    main()
