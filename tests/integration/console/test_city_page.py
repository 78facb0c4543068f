"""One city on one page, from public rows alone; its limits."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel.audit.models import Entry
from provisioning import life
from provisioning.console import reporting
from provisioning.console.actions.limits import set_limits
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Maker


def test_the_page_shows_figures_domains_steps_and_journal(
    operator: Client, alpha: City, make: Maker
) -> None:
    make(alpha).question("published")
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва <на ремонт>")
    reporting.report_some()
    response = operator.get("/console/cities/poltava/")
    text = response.text
    for wanted in (
        "poltava.bezpechne.test",
        alpha.katottg,
        alpha.schema_version,
        "city_poltava",
        "Перерва &lt;на ремонт&gt;",
    ):
        assert wanted in text, wanted
    page = response.context["page"]
    assert page.row.report.waiting == 1
    assert {line.entry.action for line in page.journal} == {"provisioned", "suspended"}
    assert page.steps
    assert page.milliseconds > 0


def test_names_and_addresses_of_people_stay_in_the_city(
    operator: Client, alpha: City, make: Maker
) -> None:
    make(alpha).question("published", name="Одарка Секретна", email="odarka@secret.example")
    person = make(alpha).user("administrator", "hidden@secret.example", name="Прихована Особа")
    reporting.report_some()
    text = operator.get("/console/cities/poltava/").text
    assert person.name not in text
    assert "secret.example" not in text
    assert "Одарка" not in text


def test_the_page_never_enters_the_city(operator: Client, alpha: City) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert operator.get("/console/cities/poltava/").status_code == 200
    assert not [query for query in queries if alpha.schema_name in query["sql"]] or all(
        "search_path" not in query["sql"].lower() for query in queries
    )
    assert len(queries) <= 9


def test_an_unknown_city_is_not_found(operator: Client) -> None:
    for slug in ("nowhere", "poltava-2"):
        assert operator.get(f"/console/cities/{slug}/").status_code == 404
        assert operator.get(f"/console/cities/{slug}/limits/").status_code == 404


def test_limits_are_set_with_a_reason_and_written_down_twice(
    operator: Client, alpha: City, inside: Inside
) -> None:
    fields = {"storage_limit_mb": "100", "mails_a_day": "", "reason": "Мале місто"}
    response = operator.post("/console/cities/poltava/limits/", fields)
    assert response.status_code == 302
    alpha.refresh_from_db()
    assert (alpha.storage_limit_mb, alpha.mails_a_day) == (100, None)
    entry = JournalEntry.objects.get(action="limits_set")
    assert (entry.reason, entry.detail["new"]["storage_limit_mb"]) == ("Мале місто", 100)
    with inside(alpha):
        assert Entry.objects.filter(action="limits_set", note="Мале місто").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"storage_limit_mb": "0", "reason": "Так"},
        {"storage_limit_mb": "-5", "reason": "Так"},
        {"mails_a_day": "99999999999", "reason": "Так"},
        {"mails_a_day": "багато", "reason": "Так"},
        {"mails_a_day": "10", "reason": "  "},
    ],
)
def test_bad_limits_come_back_with_what_was_typed(
    operator: Client, alpha: City, fields: dict[str, str]
) -> None:
    response = operator.post("/console/cities/poltava/limits/", fields)
    assert response.status_code == 422
    typed = next(iter(fields.values()))
    assert f'value="{typed}"' in response.text
    alpha.refresh_from_db()
    assert (alpha.storage_limit_mb, alpha.mails_a_day) == (None, None)


def test_nobody_else_sets_limits(alpha: City, make: Maker) -> None:
    for user in (make(alpha).administrator, make(None).user("finance")):
        with pytest.raises(PermissionDenied):
            set_limits(by=user.actor, city=alpha, storage_limit_mb=1, mails_a_day=1, reason="Так")
