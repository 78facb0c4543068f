"""The log: words, filters, pages by key, a harmless file; residents are never named."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from community.administration import activity
from community.administration.activity_words import OWN_WORDS
from community.answers.actions.units import make_liaison
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

PAGE = "/desk/activity/"


def lines(client: CityClient, query: str = "") -> list[Any]:
    response = client.get(f"{PAGE}{query}")
    assert response.status_code == 200
    found: list[Any] = response.context["lines"]
    return found


def rows(client: CityClient, query: str = "") -> list[list[str]]:
    content = client.get(f"{PAGE}activity.csv{query}").getvalue()
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_it_says_in_words_who_did_what(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("published")
    first = lines(boss)[0]
    assert first.who == make(alpha).moderator.name
    assert first.did == "Опубліковано на мапі"
    assert str(question.pk) in first.subject
    assert first.url == f"/desk/q/{question.pk}/"


def test_residents_are_never_named(boss: CityClient, alpha: City, make: Maker) -> None:
    question = make(alpha).question("published", name="Одарка Секретна", email="od@secret.example")
    text = boss.get(PAGE).text + str(rows(boss))
    assert str(question.pk) in text
    assert "Секретна" not in text
    assert "secret.example" not in text


def test_filters_stand_in_the_address(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    one, two = make(alpha).question("published"), make(alpha).question("published")
    unit = make(alpha).unit()
    with inside(alpha):
        make_liaison(by=make(alpha).administrator.actor, unit=unit)
    assert {line.entry.subject_id for line in lines(boss, f"?number={one.pk}")} == {one.pk}
    assert {line.entry.subject for line in lines(boss, "?what=units")} == {"unit"}
    person = make(alpha).moderator
    found = lines(boss, f"?who=staff:{person.pk}")
    assert {line.entry.actor_id for line in found} == {person.pk}
    assert {line.entry.actor_kind for line in lines(boss, "?who=resident")} == {"resident"}
    today = clock.today().isoformat()
    assert lines(boss, f"?first={today}&last={today}&number={two.pk}")
    assert not lines(boss, "?last=2001-01-01")
    assert not lines(boss, "?first=2090-01-01")


@pytest.mark.parametrize(
    "query",
    ["?first=николи", "?first=2026-02-02&last=2026-01-01", "?who=staff:x", "?number=-1", "?what=y"],
)
def test_a_filter_that_makes_no_sense_is_told(boss: CityClient, query: str) -> None:
    page = boss.get(f"{PAGE}{query}")
    assert page.status_code == 200
    assert page.context["form"].errors


def test_pages_go_on_by_key_and_hold_everything_once(
    boss: CityClient, alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "PAGE", 5)
    for _number in range(4):
        make(alpha).question("published")
    seen: list[int] = []
    url = ""
    while True:
        response = boss.get(f"{PAGE}{url}")
        seen += [line.entry.pk for line in response.context["lines"]]
        url = response.context["older_url"]
        if not url:
            break
    with inside(alpha):
        assert seen == list(Entry.objects.order_by("-pk").values_list("pk", flat=True))


def test_the_file_has_the_same_lines_and_runs_no_formula(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    make(alpha).question("published")
    person = make(alpha).moderator
    with inside(alpha):
        User.objects.filter(pk=person.pk).update(name="=cmd()")
    found = rows(boss, f"?who=staff:{person.pk}")
    assert len(found) == len(lines(boss, f"?who=staff:{person.pk}")) + 1
    assert {row[1] for row in found[1:]} == {"'=cmd()"}


def test_another_city_s_history_is_not_there(
    boss: CityClient, alpha: City, beta: City, make: Maker
) -> None:
    foreign = make(beta).question("published")
    assert not lines(boss, f"?number={foreign.pk}")
    assert str(foreign.pk) not in boss.get(PAGE).text


def test_a_moderator_reads_no_log(moderator: CityClient) -> None:
    assert moderator.get(PAGE).status_code == 403
    assert moderator.get(f"{PAGE}activity.csv").status_code == 403


def test_it_costs_the_same_for_more_lines(boss: CityClient, alpha: City, make: Maker) -> None:
    counts = []
    make(alpha).routing()
    boss.get(PAGE)
    for many in (1, 12):
        for _number in range(many):
            make(alpha).routing()
        boss.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            boss.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_word_is_one(boss: CityClient, alpha: City, make: Maker, inside: Inside) -> None:
    """No line shows the name that the code gives to an action."""
    made = make(alpha)
    made.answer(made.question("published"), publish=True)
    made.question("rejected")
    made.question("hidden")
    bare = {line.did for line in lines(boss) if "_" in line.did or line.did.islower()}
    assert bare == set()
    assert all(str(word) for word in OWN_WORDS.values())
