"""The journal: found by city, action, person, day and words; paged by key; in CSV."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from provisioning.journal import note
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Maker

NOON = datetime(2026, 5, 10, 12, tzinfo=clock.KYIV)


def shown(operator: Client, **given: str | int) -> list[str]:
    lines = operator.get("/console/journal/", given).context["page"].lines
    return [line.entry.reason for line in lines if line.entry.action in {"limits_set", "suspended"}]


@pytest.fixture
def entries(operator: Client, alpha: City, beta: City, make: Maker) -> None:
    person = make(None).operator.actor
    for days, by, city, action, reason in (
        (0, person, alpha, "limits_set", "перша причина"),
        (1, OPERATOR, beta, "suspended", "друга 100 % <b>"),
        (2, person, None, "suspended", "третя"),
    ):
        with clock.frozen(NOON + timedelta(days=days)):
            note(by=by, city=city, action=action, reason=reason, key=f"value-{days}")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, ["третя", "друга 100 % <b>", "перша причина"]),
        ({"city": "poltava"}, ["перша причина"]),
        ({"city": "POLTAVA"}, ["перша причина"]),
        ({"city": "nowhere"}, []),
        ({"action": "suspended"}, ["третя", "друга 100 % <b>"]),
        ({"since": "2026-05-11"}, ["третя", "друга 100 % <b>"]),
        ({"until": "2026-05-10"}, ["перша причина"]),
        ({"since": "2026-05-11", "until": "2026-05-11"}, ["друга 100 % <b>"]),
        ({"text": "причина"}, ["перша причина"]),
        ({"text": "ПРИЧИНА"}, ["перша причина"]),
        ({"text": "value-2"}, ["третя"]),
        ({"text": "%"}, ["друга 100 % <b>"]),
        ({"since": "вчора", "person": "x", "before": "-3", "text": "\x00"}, None),
        ({"until": "9999-12-31", "since": "0001-01-01"}, None),
    ],
)
def test_the_journal_is_searched(
    operator: Client, entries: None, given: dict[str, str], wanted: list[str] | None
) -> None:
    every = ["третя", "друга 100 % <b>", "перша причина"]
    assert shown(operator, **given) == (every if wanted is None else wanted)


def test_by_person(operator: Client, entries: None, make: Maker) -> None:
    assert shown(operator, person=make(None).operator.pk) == ["третя", "перша причина"]
    text = operator.get("/console/journal/").text
    assert make(None).operator.name in text
    assert make(None).operator.email not in text
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


def test_pages_follow_by_key_at_a_fixed_cost(operator: Client) -> None:
    seen: list[int] = []
    costs = set()
    for number in range(120):
        note(by=OPERATOR, action="announced", number=number)
    url = "/console/journal/?action=announced"
    while url:
        operator.get(url)
        with CaptureQueriesContext(connection) as queries:
            response = operator.get(url)
        costs.add(len(queries))
        seen += [line.entry.pk for line in response.context["page"].lines]
        older = response.context["older_url"]
        url = f"/console/journal/{older}" if older else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert len(costs) == 1
    assert costs.pop() <= 6


def test_csv_of_what_was_found(operator: Client, entries: None) -> None:
    note(by=OPERATOR, action="limits_set", reason="=1+1")
    response = operator.get("/console/journal.csv?text=1%2B1")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][4] == "'=1+1"
    every = operator.get("/console/journal.csv").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(every)))) == JournalEntry.objects.count() + 1


@pytest.mark.django_db
def test_an_action_without_words_is_refused() -> None:
    with pytest.raises(LookupError):
        note(by=OPERATOR, action="invented")
    assert not JournalEntry.objects.filter(action="invented").exists()
