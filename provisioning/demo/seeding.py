"""Fills a city from `content/*.json` through the real actions, at the moments of the past."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import connection, transaction

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from community.answers.actions import answering
from community.answers.actions import routing as routing_actions
from community.answers.models import Unit
from community.answers.states import Channel, LinkScope
from community.notices.receivers import on_event
from community.questions.actions import asking, moderating
from community.questions.actions.photos import keep_photo
from community.questions.catalogue import START_PRIVATE
from community.questions.events import happened
from community.questions.models import Question, Topic
from provisioning.demo.pictures import scene
from tenants.current import current_city

CONTENT = Path(__file__).parent / "content"
# Questions of these last days send their letters, so that the mailbox shows each kind.
DAYS_WITH_LETTERS = 4.0


def content(name: str) -> dict[str, Any]:
    """One city's file: `units` and `questions`."""
    data: dict[str, Any] = json.loads((CONTENT / f"{name}.json").read_text(encoding="utf-8"))
    return data


@contextmanager
def _without_letters() -> Iterator[None]:
    """Letters about what is long past would only hide the ones that matter."""
    happened.disconnect(dispatch_uid="community.notices")
    try:
        yield
    finally:
        happened.connect(on_event, dispatch_uid="community.notices")


def seed_units(rows: list[dict[str, Any]]) -> dict[str, Unit]:
    """Units by key; those that the template gave get the file's names and contacts."""
    units = {}
    for row in rows:
        unit = (
            Unit.objects.filter(email=row["email"]).first()
            or Unit.objects.filter(kind=row["kind"], email="").first()
            or Unit(kind=row["kind"])
        )
        unit.name_uk, unit.name_en = row["name_uk"], row["name_en"]
        unit.email, unit.phone, unit.hours = row["email"], row["phone"], row["hours_uk"]
        unit.link_scope = row.get("link_scope", LinkScope.QUESTION)
        unit.save()
        units[row["key"]] = unit
    return units


class _Moments:
    """Times of one question, each later than the one before and none in the future."""

    def __init__(self, days_ago: float) -> None:
        self.end = clock.now()
        self.at = self.end - timedelta(days=days_ago)

    @contextmanager
    def after(self, **delta: float) -> Iterator[datetime]:
        self.at = min(self.at + timedelta(**delta), self.end)
        with clock.frozen(self.at):
            yield self.at


def _ask(number: int, row: dict[str, Any]) -> Question:
    city = current_city()
    key = uuid5(NAMESPACE_URL, f"demo:{city.slug}:{number}")
    for photo in range(row["photos"]):
        keep_photo(
            submit_key=key, file=scene(row["topic"], number * 10 + photo), visitor=f"demo {number}"
        )
    draft = asking.Draft(
        submit_key=key,
        topic=Topic.objects.get(code=row["topic"]),
        text=row["text"],
        point=(row["lat"], row["lon"]),
        point_is_rough=False,
        place=row["place"],
        name=row["name"],
        email=f"resident{number}@mail.example",
        share_name=number % 4 == 0,
        happening_now=row["happening_now"],
        language=row["language"],
    )
    asker = asking.submit(draft=draft, visitor=f"demo {number}")
    return asking.confirm(asker=asker)


PUBLIC = frozenset({"published", "submitted", "answered"})


def _moderate(row: dict[str, Any], question: Question, by: Actor) -> None:
    """Everything the desk does before an answer."""
    if row["state"] == "rejected":
        moderating.reject(by=by, question=question, reason=row["reject_reason"])
    elif row["state"] == "clarification":
        moderating.ask_back(by=by, question=question, text=row["clarification"])
    elif row["state"] in PUBLIC:
        public = moderating.Public(
            text=question.text,
            place=question.place,
            topic=question.topic,
            point=(question.lat, question.lon),
            photos=[photo.pk for photo in question.photos.all()],
        )
        moderating.publish(by=by, question=question, public=public)


def _answer(
    row: dict[str, Any], question: Question, units: dict[str, Unit], by: Actor, moments: _Moments
) -> None:
    """Routing, what the unit did with it, the published answer: as far as the row says."""
    if not row["routed"]:
        return
    with moments.after(hours=2):
        routing = routing_actions.route(by=by, question=question, unit=units[row["unit"]])
    if row["accepted"]:
        with moments.after(hours=5):
            routing_actions.accept(routing=routing)
    elif row.get("opened"):
        with moments.after(hours=5):
            routing_actions.mark_opened(routing=routing)
    if row.get("passed_back"):
        with moments.after(hours=8):
            routing_actions.pass_back(routing=routing, reason=row["passed_back"])
    if "answer" not in row:
        return
    words = answering.Words(
        text=row["answer"]["text"],
        competence=row["answer"]["competence"],
        next_step=row["answer"]["next_step"],
    )
    with moments.after(days=max(0.1, row["answer"]["days_after"] - 0.5)):
        if question.pk % 9 == 0 and row["state"] == "answered":
            answer = answering.enter(
                by=by, question=question, unit=routing.unit, channel=Channel.PHONE, words=words
            )
        else:
            answer = answering.submit(routing=routing, words=words)
    if row["state"] not in {"answered", "private_answered"}:
        return
    with moments.after(hours=3):
        answering.publish(by=by, answer=answer, words=words)


def seed_questions(
    rows: list[dict[str, Any]],
    units: dict[str, Unit],
    moderator: User,
    tell: Callable[[int, int], None],
) -> None:
    """Oldest first; each question is its own transaction, so a stopped seeding can go on.

    Private ones last, and only where the city has their topic: a city of an earlier demo is kept.
    """
    _do_not_wait_for_the_disk()
    codes = set(Topic.objects.values_list("code", flat=True))
    ordered = sorted(
        (row for row in rows if row["topic"] in codes),
        key=lambda row: (row["topic"] in START_PRIVATE, -row["days_ago"]),
    )
    for number, row in enumerate(ordered, start=1):
        key = uuid5(NAMESPACE_URL, f"demo:{current_city().slug}:{number}")
        if not Question.objects.filter(submit_key=key).exists():
            quiet = row["days_ago"] > DAYS_WITH_LETTERS
            with transaction.atomic():
                if quiet:
                    with _without_letters():
                        _one(number, row, units, moderator.actor)
                else:
                    _one(number, row, units, moderator.actor)
        tell(number, len(ordered))


def _do_not_wait_for_the_disk() -> None:
    """Thousands of small commits, each of which a stopped seeding makes again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def _one(number: int, row: dict[str, Any], units: dict[str, Unit], by: Actor) -> None:
    moments = _Moments(row["days_ago"])
    with moments.after(seconds=0):
        question = _ask(number, row)
    if row["state"] == "in_moderation":
        return
    with moments.after(hours=4):
        _moderate(row, question, by)
    _answer(row, question, units, by, moments)
