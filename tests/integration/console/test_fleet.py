"""The fleet's page: found, sorted, paged, on the map and in CSV, at the same cost for any number."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from bezpechne.kernel.sorting import ukrainian_key
from provisioning.console.models import CityReport
from provisioning.console.queries import fleet
from provisioning.console.queries.problems import (
    PROBLEMS,
    Facts,
    anything,
    problems_of,
    served_versions,
)
from tenants.models import City
from tenants.states import CityState
from tenants.versions import code_version
from tests.factories import Maker, inside


def paper_cities(number: int, **fields: Any) -> list[City]:
    """Rows without schemas: the console must not enter a city to show it."""
    cities = City.objects.bulk_create(
        City(
            schema_name=f"paper_{place}",
            slug=f"paper-{place}",
            name_uk=f"Паперове {place}",
            name_en=f"Paper {place}",
            katottg=f"UA{place:017d}",
            centre_lat=48 + place % 30 / 10,
            centre_lon=24 + place % 120 / 10,
            schema_version=code_version().fingerprint,
            **fields,
        )
        for place in range(number)
    )
    CityReport.objects.bulk_create(
        CityReport(
            city=city,
            name_sort=ukrainian_key(city.name_uk),
            oblast="Паперова",
            questions_week=place % 7,
            reported_at=clock.now(),
        )
        for place, city in enumerate(cities)
    )
    return cities


def names(response: Any) -> list[str]:
    return [row.city.slug for row in response.context["page"].rows]


def test_the_page_costs_the_same_with_two_and_with_1470_cities(operator: Client) -> None:
    costs = []
    for _ in range(2):
        operator.get("/console/")
        with CaptureQueriesContext(connection) as queries:
            assert operator.get("/console/").status_code == 200
        costs.append(len(queries))
        if len(costs) == 1:
            paper_cities(1468)
    assert costs[0] == costs[1] <= 10, costs


def test_all_points_are_small_and_cost_two_queries(operator: Client) -> None:
    paper_cities(1468)
    with CaptureQueriesContext(connection) as queries:
        response = operator.get("/console/cities.json")
    assert len(response.json()["cities"]) == 1470
    assert len(response.content) <= 100_000
    assert len(queries) <= 4
    with CaptureQueriesContext(connection) as again:
        operator.get("/console/cities.json")
    assert len(again) == len(queries) - 2


def test_pages_follow_without_gaps_or_repeats(operator: Client) -> None:
    paper_cities(118)
    seen = [slug for page in (1, 2, 3) for slug in names(operator.get(f"/console/?page={page}"))]
    assert len(seen) == len(set(seen)) == 120
    assert names(operator.get("/console/?page=99")) == seen[100:]


def test_the_order_is_ukrainian(operator: Client) -> None:
    cities = paper_cities(4)
    for city, name in zip(cities, ("Яготин", "Ґудзівка", "Євка", "Гадяч"), strict=True):
        city.name_uk = name
        city.save()
    shown = [row.city.name_uk for row in operator.get("/console/").context["page"].rows]
    assert shown == ["Гадяч", "Ґудзівка", "Євка", "Полтава", "Тернопіль", "Яготин"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("полт", ["poltava"]),
        ("ПОЛТАВА", ["poltava"]),
        ("Poltava", ["poltava"]),
        ("ternopil", ["ternopil"]),
        ("рноп", ["ternopil"]),
        ("UA53080370", ["poltava"]),
        ("немає такого", []),
        ("%", []),
        ("'; DROP TABLE tenants_city; --", []),
        ("\x00полт", ["poltava"]),
    ],
)
def test_search_by_name_address_and_code(operator: Client, words: str, wanted: list[str]) -> None:
    response = operator.get("/console/", {"q": words})
    assert response.status_code == 200
    assert names(response) == wanted


def test_filters_narrow_and_keep_what_was_chosen(operator: Client, alpha: City) -> None:
    paper_cities(3, state=CityState.DRAFT)
    assert len(names(operator.get("/console/?state=draft"))) == 3
    assert names(operator.get("/console/?oblast=Полтавська")) == ["poltava"]
    assert len(names(operator.get("/console/?oblast=Паперова&state=active"))) == 0
    response = operator.get("/console/?state=draft&sort=week")
    assert "?state=draft&amp;sort=-week" in response.text
    assert names(operator.get("/console/?state=nonsense&sort=x&page=-1&problem=y"))


def test_figures_sort_largest_first_and_unknown_last(operator: Client, alpha: City) -> None:
    paper_cities(8)
    weeks = [
        row.report.questions_week
        for row in operator.get("/console/?sort=week").context["page"].rows
    ]
    assert weeks == [6, 5, 4, 3, 2, 1, 0, 0, None, None]
    turned = operator.get("/console/?sort=-week").context["page"].rows
    assert [row.report.questions_week for row in turned][:3] == [0, 0, 1]
    assert turned[-1].report.questions_week is None


SPOILED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "behind": ({"schema_version": "0" * 16}, {}),
    "migration": ({"migration_error": "lock timeout"}, {}),
    "dead": ({}, {"dead_jobs": 2}),
    "silent": ({"created_at": timedelta(days=-9)}, {"active_at": timedelta(days=-8)}),
    "nobody": ({}, {"administrators": 0, "moderators": 0}),
    "storage": ({"storage_limit_mb": 1}, {"storage_bytes": 1024 * 1024}),
    "mails": ({"mails_a_day": 33}, {"mails_today": 27}),
    "trial": ({"state": CityState.TRIAL, "trial_ends_on": timedelta(days=7)}, {}),
    "centre": ({"centre_lat": None, "centre_lon": None}, {}),
    "stale": ({}, {"reported_at": timedelta(hours=-3)}),
}


def spoil(city: City, kind: str) -> None:
    """Gives a healthy city one problem; a length of time is counted from now."""
    for rows, values in zip(
        (City.objects.filter(pk=city.pk), CityReport.objects.filter(city=city)),
        SPOILED[kind],
        strict=True,
    ):
        moments = {
            name: clock.now() + value if isinstance(value, timedelta) else value
            for name, value in values.items()
        }
        if moments:
            rows.update(**moments)


@pytest.fixture
def healthy(alpha: City) -> City:
    CityReport.objects.filter(city=alpha).update(
        reported_at=clock.now(),
        active_at=clock.now(),
        administrators=1,
        moderators=1,
        dead_jobs=0,
        storage_bytes=0,
        mails_today=0,
    )
    return alpha


def told(city: City) -> set[str]:
    city = City.objects.select_related("report").get(pk=city.pk)
    return {p.key for p in problems_of(Facts(city, city.report, served_versions()))}


def test_every_problem_can_be_made(healthy: City) -> None:
    assert told(healthy) == set()


@pytest.mark.parametrize("kind", [problem.key for problem in PROBLEMS])
def test_a_problem_is_seen_alike_in_the_row_and_in_the_list(
    operator: Client, healthy: City, kind: str
) -> None:
    CityReport.objects.exclude(city=healthy).delete()
    City.objects.exclude(pk=healthy.pk).update(state=CityState.ARCHIVED)
    assert names(operator.get(f"/console/?problem={kind}")) == []
    assert names(operator.get("/console/?problem=any")) == []
    spoil(healthy, kind)
    assert told(healthy) == {kind}
    assert names(operator.get(f"/console/?problem={kind}")) == ["poltava"]
    assert names(operator.get("/console/?problem=any")) == ["poltava"]


@pytest.mark.parametrize(("used", "near"), [(26, False), (27, True)])
def test_eighty_per_cent_is_rounded_alike(healthy: City, used: int, near: bool) -> None:
    City.objects.filter(pk=healthy.pk).update(mails_a_day=33)
    CityReport.objects.filter(city=healthy).update(mails_today=used)
    assert ("mails" in told(healthy)) is near
    assert City.objects.filter(anything(served_versions()), pk=healthy.pk).exists() is near


def test_a_city_without_a_row_of_figures_is_still_shown(operator: Client, alpha: City) -> None:
    CityReport.objects.filter(city=alpha).delete()
    response = operator.get("/console/")
    assert set(names(response)) == {"poltava", "ternopil"}


def test_csv_holds_the_filtered_list_and_runs_no_formula(operator: Client, alpha: City) -> None:
    City.objects.filter(pk=alpha.pk).update(name_uk='=HYPERLINK("http://evil")')
    response = operator.get("/console/cities.csv?state=active")
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert all(len(row) == len(rows[0]) for row in rows)
    assert rows[1][0].startswith("'=") or rows[2][0].startswith("'=")
    assert len(list(fleet.found(fleet.Choice(state="draft"), frozenset()))) == 0


def test_names_are_escaped(operator: Client, alpha: City) -> None:
    City.objects.filter(pk=alpha.pk).update(name_uk="<b>Полтава</b>")
    text = operator.get("/console/").text
    assert "<b>Полтава</b>" not in text
    assert "&lt;b&gt;Полтава" in text


@pytest.mark.parametrize("path", ["/console/", "/console/cities.csv", "/console/cities.json"])
def test_only_operators_see_the_fleet(db: None, make: Maker, client_of: Any, path: str) -> None:
    client = client_of(None)
    assert client.get(path).status_code == 302
    with inside(None):
        client.force_login(make(None).user("finance"))
    assert client.get(path).status_code == 403


def test_the_console_does_not_exist_in_a_city(alpha: City, make: Maker, client_of: Any) -> None:
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).administrator)
    assert client.get("/console/").status_code == 404
