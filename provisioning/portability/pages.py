"""`index.html` of an archive and its further pages: questions and answers, newest first."""

import json
from datetime import datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.template.loader import render_to_string
from django.utils import timezone, translation

from bezpechne.kernel.clock import KYIV
from bezpechne.kernel.schema import in_schema
from provisioning.portability.manifest import FILES, Member
from provisioning.portability.readable import TITLES, words
from provisioning.portability.writing import ArchiveWriter
from tenants.models import City

A_PAGE = 200
# No names and addresses of residents here: they stand in the tables alone.
_QUESTIONS = """
SELECT q.id, {state}, q.state, t.name_uk, coalesce(nullif(q.public_text, ''), q.text),
  coalesce(nullif(q.public_place, ''), q.place), coalesce(q.published_at, q.created_at),
  (SELECT json_agg(json_build_object(
      'unit', u.name_uk, 'text', coalesce(nullif(a.public_text, ''), a.text),
      'competence', coalesce(nullif(a.public_competence, ''), a.competence),
      'next_step', coalesce(nullif(a.public_next_step, ''), a.next_step),
      'published', a.state = 'published') ORDER BY a.id)
   FROM answers_answer a JOIN answers_unit u ON u.id = a.unit_id
   WHERE a.question_id = q.id AND a.state <> 'withdrawn'),
  (SELECT json_agg(json_build_object('full', p."full", 'thumbnail', p.thumbnail) ORDER BY p.id)
   FROM questions_photo p WHERE p.question_id = q.id)
FROM questions_question q JOIN questions_topic t ON t.id = q.topic_id ORDER BY q.id DESC
"""


def page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page-{number}.html"


def write_pages(
    city: City, archive: ArchiveWriter, moment: datetime, tables: list[str]
) -> tuple[list[Member], list[str]]:
    """Part of the snapshot; `tables` are the CSV files to link. Returns members and what failed."""
    with in_schema(city.schema_name), timezone.override(KYIV), translation.override("uk"):
        try:
            with transaction.atomic():
                return _write(city, archive, moment, tables), []
        except ProgrammingError:
            return [], ["pages"]


def _write(city: City, archive: ArchiveWriter, moment: datetime, tables: list[str]) -> list[Member]:
    members: list[Member] = []
    with connection.chunked_cursor() as cursor, connection.cursor() as counting:
        counting.execute("SELECT count(*) FROM questions_question")
        total = counting.fetchone()[0]
        pages = max(1, -(-total // A_PAGE))
        cursor.execute(_QUESTIONS.format(state=words("q.state", "question")))
        rows = iter(cursor)
        for number in range(1, pages + 1):
            context = {
                "city": city,
                "moment": moment,
                "total": total,
                "tables": [(name, TITLES[PurePosixPath(name).stem]) for name in tables],
                "questions": [_question(row) for row in islice(rows, A_PAGE)],
                "number": number,
                "pages": pages,
                "before": page_name(number - 1) if number > 1 else "",
                "after": page_name(number + 1) if number < pages else "",
            }
            text = render_to_string("provisioning/archive/page.html", context)
            members.append(archive.add(page_name(number), text))
    return members


def _question(row: tuple[Any, ...]) -> dict[str, Any]:
    number, word, state, topic, text, place, at, answers, photos = row
    return {
        "number": number,
        "word": word,
        "state": state,
        "topic": topic,
        "text": text,
        "place": place,
        "at": at,
        "answers": _json(answers),
        "photos": [
            {size: f"{FILES}{quote(name)}" for size, name in photo.items()}
            for photo in _json(photos)
        ],
    }


def _json(value: Any) -> list[dict[str, Any]]:
    found = json.loads(value) if isinstance(value, str) else value
    return list(found or [])
