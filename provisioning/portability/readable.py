"""The copy for people: tables for a spreadsheet, in Ukrainian, with the state's words."""

from typing import Any

from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import translation
from psycopg import errors
from psycopg.sql import SQL, Literal

from bezpechne.accounts.permissions import Role
from bezpechne.kernel.activities import Activity
from bezpechne.kernel.schema import in_schema
from community.answers.states import AnswerState, Channel, RoutingState, UnitKind
from community.questions.states import QuestionState
from community.timesheet.states import SheetState
from provisioning.portability.manifest import Member
from provisioning.portability.writing import CHUNK, ArchiveWriter

CSV = "csv/"
# Spreadsheets take the encoding from it.
_BOM = b"\xef\xbb\xbf"

# `[text]` guards against formulas, `<moment>` is Kyiv's time, `{column:choices}` gives words.
_QUERIES = {
    "questions": """
SELECT q.id AS "№", {q.state:question} AS "Стан", t.name_uk AS "Тема",
  [q.text] AS "Текст мешканця", [q.public_text] AS "Опублікований текст",
  [coalesce(nullif(q.public_place, ''), q.place)] AS "Місце",
  q.lat AS "Широта", q.lon AS "Довгота",
  [a.name] AS "Ім’я (персональні дані)", [a.email] AS "Пошта (персональні дані)",
  <q.created_at> AS "Поставлено", <q.confirmed_at> AS "Підтверджено",
  <q.published_at> AS "Опубліковано", <q.answered_at> AS "Дано відповідь",
  [q.rejection_reason] AS "Чому відхилено", [q.hidden_reason] AS "Чому приховано",
  (SELECT count(*) FROM questions_photo p WHERE p.question_id = q.id) AS "Фото"
FROM questions_question q JOIN questions_topic t ON t.id = q.topic_id
LEFT JOIN questions_asker a ON a.question_id = q.id ORDER BY q.id""",
    "answers": """
SELECT a.question_id AS "№ питання", {a.state:answer} AS "Стан", [u.name_uk] AS "Хто відповів",
  {a.channel:channel} AS "Як надійшла", [a.text] AS "Текст підрозділу",
  [a.public_text] AS "Опублікований текст", [a.public_competence] AS "Хто відповідає за це",
  [a.public_next_step] AS "Що далі", <a.created_at> AS "Надійшла",
  <a.published_at> AS "Опубліковано", [a.correction_note] AS "Виправлення"
FROM answers_answer a JOIN answers_unit u ON u.id = a.unit_id ORDER BY a.question_id, a.id""",
    "routings": """
SELECT r.question_id AS "№ питання", [u.name_uk] AS "Кому передано", {r.state:routing} AS "Стан",
  [r.note] AS "Примітка", <r.created_at> AS "Передано", <r.opened_at> AS "Відкрито",
  <r.accepted_at> AS "Прийнято", <r.ended_at> AS "Завершено", [r.end_reason] AS "Чому завершено"
FROM answers_routing r JOIN answers_unit u ON u.id = r.unit_id ORDER BY r.question_id, r.id""",
    "remarks": """
SELECT question_id AS "№ питання", <at> AS "Коли",
  CASE WHEN from_resident THEN 'мешканець' ELSE 'місто' END AS "Хто", [text] AS "Текст"
FROM questions_remark ORDER BY question_id, id""",
    "units": """
SELECT [name_uk] AS "Назва", [name_en] AS "Назва англійською", {kind:unit} AS "Вид",
  [email] AS "Пошта", [phone] AS "Телефон", [hours] AS "Години",
  CASE WHEN is_liaison THEN 'так' ELSE '' END AS "Отримує питання за умовчанням",
  CASE WHEN is_active THEN 'так' ELSE 'ні' END AS "Діє"
FROM answers_unit ORDER BY name_sort, id""",
    "topics": """
SELECT [t.name_uk] AS "Тема", [t.name_en] AS "Тема англійською",
  CASE WHEN t.is_active THEN 'так' ELSE 'ні' END AS "Пропонується",
  CASE WHEN t.is_private THEN 'ні' ELSE 'так' END AS "Питання публікуються",
  (SELECT count(*) FROM questions_question q WHERE q.topic_id = t.id) AS "Питань"
FROM questions_topic t ORDER BY t.position, t.id""",
    "hours": """
SELECT [u.name] AS "Ім’я (персональні дані)", to_char(e.day, 'YYYY-MM-DD') AS "День",
  {e.activity:activity} AS "Вид роботи", round(e.minutes / 60.0, 2) AS "Години",
  [e.note] AS "Примітка", {m.state:sheet} AS "Стан місяця"
FROM timesheet_entry e JOIN accounts_user u ON u.id = e.person_id
LEFT JOIN timesheet_month m ON m.person_id = e.person_id AND m.month = date_trunc('month', e.day)
ORDER BY e.day, e.person_id, e.id""",
    "staff": """
SELECT [name] AS "Ім’я (персональні дані)", [email] AS "Пошта (персональні дані)",
  {role:role} AS "Роль", CASE WHEN is_active THEN 'так' ELSE 'ні' END AS "Має доступ",
  <created_at> AS "Додано" FROM accounts_user ORDER BY id""",
}
# What the page calls the tables.
TITLES = {
    "questions": "питання",
    "answers": "відповіді",
    "routings": "передавання підрозділам",
    "remarks": "уточнення",
    "units": "підрозділи",
    "topics": "теми",
    "hours": "години модераторів",
    "staff": "співробітники",
}
_CHOICES: dict[str, Any] = {
    "question": QuestionState,
    "answer": AnswerState,
    "routing": RoutingState,
    "channel": Channel,
    "unit": UnitKind,
    "activity": Activity,
    "sheet": SheetState,
    "role": Role,
}


def words(column: str, kind: str) -> str:
    """SQL for the Ukrainian word of a state."""
    with translation.override("uk"), connection.cursor() as cursor:
        cases = [
            SQL(" WHEN {} THEN {}").format(Literal(value), Literal(str(label)))
            for value, label in _CHOICES[kind].choices
        ]
        text = SQL("").join(cases).as_string(cursor.connection)
    return f"CASE {column}{text} ELSE {column} END"


def _expand(query: str) -> str:
    """The small marks of `_QUERIES` as SQL."""
    out, rest = [], query
    while rest:
        at = min((place for sign in "[{<" if (place := rest.find(sign)) >= 0), default=len(rest))
        out.append(rest[:at])
        if at == len(rest):
            break
        end = rest.index({"[": "]", "{": "}", "<": ">"}[rest[at]], at)
        inner = rest[at + 1 : end]
        if rest[at] == "[":
            # A cell that begins so is a formula to a spreadsheet.
            out.append(f"CASE WHEN {inner} ~ '^[-=+@\\t\\r]' THEN '''' || {inner} ELSE {inner} END")
        elif rest[at] == "{":
            out.append(words(*inner.split(":")))
        else:
            out.append(f"to_char({inner} AT TIME ZONE 'Europe/Kyiv', 'YYYY-MM-DD HH24:MI')")
        rest = rest[end + 1 :]
    return "".join(out)


def write_csv(schema: str, archive: ArchiveWriter) -> tuple[list[Member], list[str]]:
    """The tables as CSV; part of the snapshot. Returns members and the names left out.

    A city of an older release may lack a column: its readable copy is then shorter, never wrong.
    """
    members, failed = [], []
    with in_schema(schema):
        for name, query in _QUERIES.items():
            text = f"COPY ({_expand(query)}) TO STDOUT (FORMAT csv, HEADER true)"
            try:
                with transaction.atomic():
                    members.append(_write(archive, f"{CSV}{name}.csv", text))
            except (errors.UndefinedColumn, errors.UndefinedTable, ProgrammingError):
                failed.append(name)
    return members, failed


def _write(archive: ArchiveWriter, name: str, query: str) -> Member:
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        rows = iter(copy)
        # Before the member begins: a column that is not there shows here.
        buffer = bytearray(_BOM) + next(rows, b"")
        with archive.member(name) as pen:
            for row in rows:
                buffer += row
                if len(buffer) >= CHUNK:
                    pen.write(bytes(buffer))
                    buffer.clear()
            pen.write(bytes(buffer))
    return pen.member
