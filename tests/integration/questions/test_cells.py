"""Cells of the map: after every change they say what a count of all questions would say."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel import clock
from community.answers.actions import answering
from community.answers.models import Answer
from community.notices.tasks import purge
from community.questions import map_queries
from community.questions.actions import joining, moderating, withdrawing
from community.questions.actions.counting import mend_cells, recount_cells
from community.questions.cells import FINEST, FIRST, Window, box_of, column, row
from community.questions.map_queries import MAX_LOOSE, view
from community.questions.models import Cell, Question, Topic
from community.questions.states import PUBLIC
from tenants.geometry import Bounds
from tenants.models import City
from tests.factories import Inside, Make, Maker
from tests.integration.portal.test_costs import fill

EARTH = Bounds(-180, -90, 180, 90)
Key = tuple[int, int, int, int, str]


def truth() -> dict[Key, tuple[int, int, int, int]]:
    """Cells counted one question after the other."""
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for question in Question.objects.filter(state__in=PUBLIC):
        parts = 1, round(question.lat * 1e6), round(question.lon * 1e6), question.pk
        for level in range(FIRST, FINEST + 1):
            place = column(question.lon, level), row(question.lat, level)
            key = level, *place, question.topic_id, question.state
            found[key] = [old + new for old, new in zip(found[key], parts, strict=True)]
    return {key: (n, lat, lon, ids) for key, (n, lat, lon, ids) in found.items()}


def stored() -> dict[Key, tuple[int, int, int, int]]:
    return {
        (cell.level, cell.x, cell.y, cell.topic_id, cell.state): (
            cell.number,
            cell.lat_sum,
            cell.lon_sum,
            cell.id_sum,
        )
        for cell in Cell.objects.all()
    }


def test_cells_are_true_after_every_change(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    by = made.moderator.actor
    question, other = made.question("published"), made.question("published")
    assert alpha.centre is not None
    lat, lon = alpha.centre

    def changed(**fields: Any) -> Callable[[], object]:
        return lambda: moderating.edit(
            by=by, question=question, public=Make.public(question, **fields)
        )

    def change_topic() -> None:
        changed(topic=Topic.objects.exclude(pk=question.topic_id).first())()

    def answer() -> None:
        with inside(alpha):
            made.answer(question, publish=True)

    def take_back() -> None:
        last = Answer.objects.latest("pk")
        answering.take_back(by=by, answer=last, reason="Помилка")

    ways: list[Callable[[], object]] = [
        changed(text="Інший текст, те саме місце"),
        changed(point=(lat + 0.00001, lon)),
        changed(point=(lat + 0.02, lon - 0.02)),
        change_topic,
        answer,
        changed(point=(lat, lon)),
        take_back,
        lambda: moderating.hide(by=by, question=question, reason="Помилка"),
        lambda: moderating.show_again(by=by, question=question),
        lambda: joining.join(by=by, question=question, other=other),
        lambda: joining.separate(by=by, question=question),
        lambda: withdrawing.withdraw(question=other),
        lambda: withdrawing.withdraw(question=question),
    ]
    with inside(alpha):
        parking = Topic.objects.exclude(pk=question.topic_id).first()
        ways[3] = changed(topic=parking)
        assert len(truth()) == FINEST - FIRST + 1
        for number, way in enumerate(ways):
            question.refresh_from_db()
            way()
            assert stored() == truth(), number
        assert stored() == {}


def test_cells_are_true_on_any_way(alpha: City, make: Maker, inside: Inside) -> None:
    dice = random.Random(7)  # noqa: S311 - a repeatable walk, no secret
    made = make(alpha)
    by = made.moderator.actor
    questions = [made.question("published") for _ in range(3)]
    with inside(alpha):
        topics = list(Topic.objects.all()[:3])
        for _ in range(40):
            question = Question.objects.get(pk=dice.choice(questions).pk)
            point = 49.5 + dice.random() / 10, 34.5 + dice.random() / 10
            public = Make.public(question, point=point, topic=dice.choice(topics))
            if not question.is_public:
                moderating.show_again(by=by, question=question)
            elif dice.random() < 0.3:
                moderating.hide(by=by, question=question, reason="Ні")
            else:
                moderating.edit(by=by, question=question, public=public)
            assert stored() == truth()


def test_a_change_that_fails_leaves_the_cells(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(alpha)
    question, by = made.question("published"), made.moderator.actor
    with inside(alpha):
        before = stored()

        def fail(**_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(moderating, "record", fail)
        with pytest.raises(RuntimeError):
            moderating.edit(by=by, question=question, public=Make.public(question, point=(49, 34)))
        assert stored() == before


def test_wrong_cells_are_noticed_and_counted_anew(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    made.question("published")
    made.question("answered")
    with inside(alpha):
        assert not mend_cells()
        right = stored()
        Cell.objects.filter(level=FIRST).update(number=5)
        Cell.objects.filter(level=FINEST).delete()
        assert mend_cells()
        assert stored() == right == truth()
        assert not mend_cells()


@pytest.mark.parametrize("wrong", ["topic", "place", "number"])
def test_cells_wrong_behind_right_totals_are_mended_at_night(
    alpha: City, make: Maker, inside: Inside, wrong: str
) -> None:
    """As an old process leaves them, which knows no cells."""
    made = make(alpha)
    question = made.question("published")
    with inside(alpha):
        rows = Question.objects.filter(pk=question.pk)
        if wrong == "topic":
            rows.update(topic=Topic.objects.get(code="noise"))
        elif wrong == "place":
            rows.update(lat=question.lat + 0.00001)
        else:
            Question.objects.filter(pk=made.question().pk).update(
                state="published", published_at=question.published_at
            )
            rows.update(state="in_moderation", published_at=None)
        for hour, mended in ((2, False), (3, True)):
            with clock.frozen(datetime(2026, 5, 4, hour, 17, tzinfo=clock.KYIV)):
                purge()
            assert (stored() == truth()) == mended
        assert not mend_cells(closely=True)


def test_the_release_that_brings_cells_fills_them(alpha: City, inside: Inside) -> None:
    """The migration's own statement, for questions that were there before."""
    from importlib import import_module  # noqa: PLC0415 - a name that starts with a digit

    fill(alpha, inside, 30)
    with inside(alpha), connection.cursor() as cursor:
        Cell.objects.all().delete()
        cursor.execute(import_module("community.questions.migrations.0010_map_cells").FILL)
        assert stored() == truth()


def test_a_view_shows_every_question_once(alpha: City, inside: Inside) -> None:
    """In pins and clusters together, for every zoom and filter; none of another city."""
    fill(alpha, inside, 200)
    with inside(alpha):
        recount_cells()
        states = Counter(Question.objects.values_list("state", flat=True))
        for zoom in range(17):
            found = view(EARTH, zoom=zoom)
            waiting = sum(cluster.waiting for cluster in found.clusters)
            answered = sum(cluster.answered for cluster in found.clusters)
            single = Counter(pin.state for pin in found.pins)
            assert waiting + single["published"] == states["published"], zoom
            assert answered + single["answered"] == states["answered"], zoom
            assert all(cluster.waiting + cluster.answered > 1 for cluster in found.clusters)
            assert not found.more
        filtered = view(EARTH, zoom=10, status="answered")
        assert {cluster.waiting for cluster in filtered.clusters} == {0}
        topic = Topic.objects.first()
        assert topic is not None
        mine = view(EARTH, zoom=10, topic=topic.code)
        assert len(mine.pins) == Question.objects.filter(topic=topic).count() <= MAX_LOOSE
        assert view(EARTH, zoom=10, topic="немає") == map_queries.View([], [], more=False)


def test_few_questions_are_pins_and_so_are_those_close_by(alpha: City, inside: Inside) -> None:
    fill(alpha, inside, MAX_LOOSE)
    with inside(alpha):
        recount_cells()
        assert len(view(EARTH, zoom=9).pins) == MAX_LOOSE
    fill(alpha, inside, 1)
    with inside(alpha):
        recount_cells()
        assert view(EARTH, zoom=9).clusters
        assert len(view(EARTH, zoom=17).pins) == MAX_LOOSE + 1
        assert len(view(EARTH, zoom=None).pins) == MAX_LOOSE + 1


def test_a_wrong_cell_shows_nothing_that_is_not_public(
    alpha: City, make: Maker, inside: Inside
) -> None:
    hidden = make(alpha).question("hidden")
    fill(alpha, inside, 100)
    with inside(alpha):
        recount_cells()
        Cell.objects.create(
            level=FIRST, x=0, y=0, topic_id=hidden.topic_id, state="published", number=1,
            lat_sum=0, lon_sum=0, id_sum=hidden.pk,
        )  # fmt: skip
        assert hidden.pk not in {pin.pk for pin in view(EARTH, zoom=1).pins}


def test_another_city_is_never_counted(
    alpha: City, beta: City, inside: Inside, client_of: Any
) -> None:
    fill(alpha, inside, 100)
    with inside(alpha):
        recount_cells()
    with inside(beta):
        assert not Cell.objects.exists()
    box = "/map/pins.json?bbox=-180,-90,180,90&zoom=6"
    assert client_of(beta).get(box).json() == {"pins": [], "clusters": [], "more": False}
    assert client_of(alpha).get(box).json()["clusters"]


def test_costs_are_the_same_with_many_and_the_index_leads_to_the_cells(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    client, costs = client_of(alpha), []
    path = "/map/pins.json?bbox=34,49,36,50&zoom=14"
    for number in (MAX_LOOSE + 1, 30, 1500):
        fill(alpha, inside, number)
        with inside(alpha):
            recount_cells()
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).json()["clusters"]
        costs.append(len(queries))
    assert len(set(costs)) == 1
    with inside(alpha), connection.cursor() as cursor:
        window = Window.of(Bounds(34.5, 49.55, 34.6, 49.62), 14)
        # A country of cells: of a few hundred PostgreSQL reads the whole level instead.
        cursor.execute(
            "INSERT INTO questions_cell"
            " (level, x, y, topic_id, state, number, lat_sum, lon_sum, id_sum)"
            " SELECT %s, %s + x, %s + y, (SELECT min(id) FROM questions_topic), 'published',"
            " 1, 0, 0, 0 FROM generate_series(-150, 150) x, generate_series(-150, 150) y"
            " ON CONFLICT DO NOTHING",
            [window.level, window.columns[0], window.rows[0]],
        )
        cursor.execute("ANALYZE questions_cell")
        plan = map_queries.counted(window, "", "").explain()
    assert "questions_cell_pkey" in plan
    assert "x = ANY" in plan.split("Index Cond", 1)[1].split("\n", 1)[0]


def test_words_of_a_cluster_say_all_without_its_colours(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    fill(alpha, inside, 100)
    with inside(alpha):
        Question.objects.update(lat=49.58, lon=34.55)
        recount_cells()
    path = "/map/pins.json?bbox=34,49,36,50&zoom=12"
    [cluster] = client_of(alpha).get(path).json()["clusters"]
    assert cluster["label"] == "100 питань: 66 чекають, 34 з відповіддю"
    west, south, east, north = cluster["box"]
    assert west < 34.55 < east
    assert south < 49.58 < north
    [cluster] = client_of(alpha).get(f"{path}&language=en").json()["clusters"]
    assert cluster["label"] == "100 questions: 66 wait, 34 answered"


@pytest.mark.parametrize(
    "zoom", ["", "x", "nan", "inf", "-1", "23", "1e9", "9" * 400, "\x00", "1,5"]
)
def test_a_bad_zoom_is_refused_with_a_sentence(alpha: City, client_of: Any, zoom: str) -> None:
    response = client_of(alpha).get("/map/pins.json", {"bbox": "34,49,36,50", "zoom": zoom})
    assert response.status_code == 400
    assert response.json() == {"detail": "zoom must be a number from 0 to 22."}


@pytest.mark.parametrize(
    "box", ["", "1,2,3", "nan,nan,nan,nan", "3,1,2,2", "-181,0,1,1", "1e400,0,0,0"]
)
def test_a_bad_box_is_refused_whatever_the_zoom(alpha: City, client_of: Any, box: str) -> None:
    response = client_of(alpha).get("/map/pins.json", {"bbox": box, "zoom": "12"})
    assert response.status_code == 400


LATS, LONS = st.floats(-90, 90), st.floats(-180, 180)


@given(lat=LATS, lon=LONS, level=st.integers(FIRST, FINEST))
def test_a_point_is_in_its_cell_and_each_cell_in_the_one_above(
    lat: float, lon: float, level: int
) -> None:
    x, y = column(lon, level), row(lat, level)
    assert box_of(level, x, y).contains(lat, lon, margin=1e-9)
    shift = FINEST - level
    assert (x, y) == (column(lon, FINEST) >> shift, row(lat, FINEST) >> shift)


@given(lat=LATS, lon=LONS, zoom=st.floats(0, 22), size=st.floats(1e-6, 100))
def test_a_window_is_small_and_holds_what_is_in_its_box(
    lat: float, lon: float, zoom: float, size: float
) -> None:
    box = Bounds(lon, lat, min(180, lon + size), min(90, lat + size))
    window = Window.of(box, zoom)
    assert column(lon, window.level) in window.columns
    assert row(lat, window.level) in window.rows
    assert len(window.columns) <= 2**FIRST + 1
    assert window.level == FIRST or max(len(window.columns), len(window.rows)) <= 64
