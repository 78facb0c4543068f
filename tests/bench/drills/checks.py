"""What must be true when the queue is empty again. Reads rows, files and letters, not the product.

Each function returns sentences about what is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection, sql

from community.questions.states import ALLOWED
from tests.bench.drills.bucket import objects
from tests.bench.drills.journeys import Sent, sha, squares_of
from tests.bench.drills.scene import Kill, Scene

# Steps of a history that somebody is told of, and the kind of the letter.
TOLD = {
    "asked": "confirm",
    "confirmed": "received",
    "asked_back": "clarification",
    "published": "published",
    "routed": "routed",
    "answered": "answered",
}
# A letter may be on its way so long after the kill that it survived.
LATE = 1.0

_PHOTOS = 'SELECT id, question_id, original, "full", thumbnail FROM questions_photo ORDER BY id'

Rows = list[tuple[Any, ...]]


class Ledger:
    """Rows of one city, by plain SQL."""

    def __init__(self, connection: "Connection[Any]", schema: str) -> None:
        self.schema, self._connection = schema, connection
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))

    def rows(self, statement: str) -> Rows:
        return self._connection.execute(statement.encode()).fetchall()


def check(scene: Scene, schema: str, sent: Sequence[Sent]) -> list[str]:
    """Everything; blank when nothing is wrong."""
    with scene.installation.database() as connection:
        ledger = Ledger(connection, schema)
        return [
            *questions(ledger),
            *journeys(ledger, sent),
            *letters(ledger, scene),
            *files(ledger, scene, sent),
            *queue(ledger),
        ]


def questions(ledger: Ledger) -> Iterator[str]:
    """States, the changes that led to them, the tally of the city and its map."""
    history: dict[int, Rows] = defaultdict(list)
    for number, action, old, new in ledger.rows(
        "SELECT subject_id, action, old->>'state', new->>'state' FROM audit_entry"
        " WHERE subject = 'question' ORDER BY id"
    ):
        history[number].append((action, old, new))
    counted: Counter[str] = Counter()
    for number, state in ledger.rows("SELECT id, state FROM questions_question ORDER BY id"):
        counted[state] += 1
        yield from _history(number, state, history[number])
    tally = {state: number for state, number in ledger.rows("TABLE questions_tally") if number}
    if tally != counted:
        yield f"the tally says {tally}, the rows {dict(counted)}"
    cells: dict[str, int] = dict(
        ledger.rows("SELECT state, sum(number) FROM questions_cell WHERE level = 9 GROUP BY 1")
    )
    if cells != {state: counted[state] for state in ("published", "answered") if counted[state]}:
        yield f"the map says {cells}, the rows {dict(counted)}"


def _history(number: int, state: str, steps: Rows) -> Iterator[str]:
    if [action for action, *_ in steps].count("asked") != 1:
        yield f"№ {number} was not asked once: {steps}"
    now = "unconfirmed"
    for action, old, new in steps:
        if new is None:
            continue
        if old != now or new not in ALLOWED[old]:
            yield f"№ {number}: {action} from {old} to {new}, when it was {now}"
        now = new
    if now != state:
        yield f"№ {number} is {state}, its history ends with {now}"


def journeys(ledger: Ledger, sent: Sequence[Sent]) -> Iterator[str]:
    """One question for each form; whoever got to the thanks has an answer."""
    states: dict[int, str] = dict(ledger.rows("SELECT id, state FROM questions_question"))
    for one in sent:
        if one.finished and states.get(one.number) != "answered":
            yield f"№ {one.number} ended as {states.get(one.number)}"
    known = {one.number for one in sent}
    for number in states.keys() - known:
        yield f"№ {number} was asked by nobody, or by a form that made two"


def letters(ledger: Ledger, scene: Scene) -> Iterator[str]:
    """Each event has its letter; each letter came, and at most once more for each kill."""
    arrived = scene.letters.by_id()
    events = Counter(
        (number, TOLD[action])
        for number, action in ledger.rows(
            "SELECT subject_id, action FROM audit_entry WHERE subject = 'question'"
        )
        if action in TOLD
    )
    rows = ledger.rows(
        "SELECT id, question_id, kind, error, dropped_at FROM notices_notice ORDER BY id"
    )
    posted = Counter((number, kind) for _, number, kind, *_ in rows if kind in TOLD.values())
    for event in events | posted:
        if events[event] != posted[event]:
            yield f"№ {event[0]}: {posted[event]} letters of {event[1]} for {events[event]} events"
    for row, number, kind, error, dropped_at in rows:
        name = f"<{ledger.schema}.notices_notice.{row}@localhost>"
        # Other kinds may have nothing left to say when their turn comes.
        if not arrived.get(name) and (kind in TOLD.values() or not dropped_at):
            yield f"№ {number}: the letter {kind} ({name}) never came; {error or 'no error'}"
    for name, moments in arrived.items():
        allowed = 1 + len(_hits(scene.kills, moments[0], moments[-1]))
        if len(moments) > allowed:
            yield f"{name} came {len(moments)} times at {moments}, {allowed} would be right"


def _hits(kills: Sequence[Kill], first: float, last: float) -> list[Kill]:
    """Kills that could make a letter come again: between its first and its last coming."""
    kinds = {"worker", "database", "smtp"}
    return [
        kill
        for kill in kills
        if kill.kind in kinds and kill.back >= first - LATE and kill.at <= last
    ]


def files(ledger: Ledger, scene: Scene, sent: Sequence[Sent]) -> Iterator[str]:
    """Each row has its file with the bytes that were sent, each photo sent has its row."""
    kept = objects(scene.s3.folder)

    def content(name: str) -> bytes:
        return kept.get(f"{ledger.schema}/{name}", b"")

    photos: dict[int, set[str]] = defaultdict(set)
    for row, number, *names in ledger.rows(_PHOTOS):
        shown = [squares_of(content(name)) for name in names]
        if "" in shown or len(set(shown)) > 1:
            yield f"photo {row} of № {number}: files lost, spoilt or of somebody else: {shown}"
        photos[number].add(shown[0])
    scans: dict[int, set[str]] = defaultdict(set)
    for number, name in ledger.rows(
        "SELECT question_id, file FROM answers_letter l JOIN answers_answer a ON a.id = answer_id"
    ):
        scans[number].add(sha(content(name)))
    for one in sent:
        if not one.number:
            continue
        if different := set(one.photos) ^ photos[one.number]:
            yield f"№ {one.number}: photos lost, spoilt or of somebody else: {different}"
        if one.finished and scans[one.number] != {one.letter}:
            yield f"№ {one.number}: the letter is lost or spoilt: {scans[one.number]}"


def queue(ledger: Ledger) -> Iterator[str]:
    """Nothing is dead."""
    for job in ledger.rows(
        "SELECT id, task_name, status, attempts FROM public.procrastinate_jobs"
        " WHERE status NOT IN ('succeeded', 'cancelled', 'aborted')"
    ):
        yield f"a job is left: {job}"


def figures(scene: Scene, schema: str) -> dict[str, int]:
    """What is no fault, but worth a look."""
    arrived = scene.letters.by_id()
    with scene.installation.database() as connection:
        ledger = Ledger(connection, schema)
        photos = ledger.rows(_PHOTOS)
        scans = ledger.rows("SELECT file FROM answers_letter")
    kept = objects(scene.s3.folder)
    names = {name for _, _, *names in photos for name in names} | {name for (name,) in scans}
    named = {f"{schema}/{name}" for name in names}
    boards = Counter(
        (number, squares_of(kept.get(f"{schema}/{name}", b""))) for _, number, name, *_ in photos
    )
    return {
        "letters": len(arrived),
        "letters that came again": sum(len(moments) - 1 for moments in arrived.values()),
        "photos": len(photos),
        # Of one question: a form sent again brought what was there already.
        "photos kept twice": len(photos) - len(boards),
        "files": len(named),
        "files without a row": len({key for key in kept if key.startswith(f"{schema}/")} - named),
    }
