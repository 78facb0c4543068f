"""Pages of hours: what is shown, what comes back, who sees what, and what it costs."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.activities import Activity
from community.questions.actions import moderating
from community.timesheet.actions import writing
from community.timesheet.actions.writing import Work
from community.timesheet.models import Timesheet, WorkEntry
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Make, Maker

MAY, DAY = date(2026, 5, 1), date(2026, 5, 4)
NOW = datetime(2026, 5, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_may() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def made(alpha: City, make: Maker) -> Make:
    return make(alpha)


@pytest.fixture
def signed_in(alpha: City, inside: Inside, client_of: Any) -> Any:
    def sign_in(user: User) -> CityClient:
        client: CityClient = client_of(alpha)
        with inside(alpha):
            client.force_login(user)
        return client

    return sign_in


def stored(city: City, inside: Inside) -> dict[tuple[int, str], tuple[int, str]]:
    with inside(city):
        rows = WorkEntry.objects.all()
        return {(row.day.day, row.activity): (row.minutes, row.note) for row in rows}


def work_on(made: Make, inside: Inside) -> None:
    """What the moderator does on 4 May: two actions ten minutes apart."""
    by = made.moderator.actor
    for minute in (0, 10):
        with clock.frozen(datetime(2026, 5, 4, 8, minute, tzinfo=UTC)):
            question = made.question("in_moderation")
            with inside(made.city):
                moderating.reject(by=by, question=question, reason="Не стосується")


def test_the_menu_leads_to_the_month(made: Make, signed_in: Any) -> None:
    page = signed_in(made.moderator).get("/desk/").text
    assert 'href="/desk/hours/"' in page
    page = signed_in(made.moderator).get("/desk/hours/").text
    assert 'name="2026-05-10_moderation"' in page
    assert "2026-05-11" not in page
    assert "/desk/hours/2026-04/" in page
    assert "/desk/hours/2026-06/" not in page


@pytest.mark.parametrize("path", ["2026-06/", "day/2026-05-11/", "day/2026-02-30/", "2026-13/"])
def test_what_has_not_come_is_not_there(made: Make, signed_in: Any, path: str) -> None:
    assert signed_in(made.moderator).get(f"/desk/hours/{path}").status_code == 404


def test_a_month_is_saved_and_shown(
    made: Make, alpha: City, inside: Inside, signed_in: Any
) -> None:
    client = signed_in(made.moderator)
    fields = {"2026-05-04_moderation": "1,5", "2026-05-05_answers": "0:45", "2026-05-05_other": "0"}
    assert client.post("/desk/hours/2026-05/", fields).status_code == 302
    assert stored(alpha, inside) == {(4, "moderation"): (90, ""), (5, "answers"): (45, "")}
    page = client.get("/desk/hours/2026-05/").text
    assert 'value="1,5"' in page
    assert 'value="0,75"' in page
    assert "2,25" in page
    assert 'value="1.5"' in client.get("/en/desk/hours/2026-05/").text


def test_the_longest_month_is_taken_whole(
    made: Make, alpha: City, inside: Inside, signed_in: Any
) -> None:
    fields = {
        f"2026-03-{day:02}_{activity}": "0,25"
        for day in range(1, 32)
        for activity in Activity.values
    }
    given = {"csrfmiddlewaretoken": "x" * 64, "seen": "0", **fields}
    response = signed_in(made.moderator).post("/desk/hours/2026-03/", given)
    assert response.status_code == 302
    assert len(stored(alpha, inside)) == len(fields)


def test_days_that_were_not_sent_stay(
    made: Make, alpha: City, inside: Inside, signed_in: Any
) -> None:
    made.hours(made.moderator, MAY)
    before = stored(alpha, inside)
    signed_in(made.moderator).post("/desk/hours/2026-05/", {})
    assert stored(alpha, inside) == before


@pytest.mark.parametrize("typed", ["1,3", "25", "багато", "-1", "1:75"])
def test_what_was_typed_comes_back(
    made: Make, alpha: City, inside: Inside, signed_in: Any, typed: str
) -> None:
    fields = {"2026-05-04_moderation": typed, "2026-05-05_other": "0,25"}
    for action in ("", "submit/"):
        response = signed_in(made.moderator).post(f"/desk/hours/2026-05/{action}", fields)
        assert response.status_code == 422
        assert f'value="{typed}"' in response.text
        assert 'value="0,25"' in response.text
        assert 'id="id_2026-05-04_moderation_error"' in response.text
    assert stored(alpha, inside) == {}


def test_more_than_a_day_comes_back_too(made: Make, signed_in: Any) -> None:
    fields = {"2026-05-04_moderation": "20", "2026-05-04_other": "5"}
    response = signed_in(made.moderator).post("/desk/hours/2026-05/", fields)
    assert response.status_code == 422
    assert 'value="20"' in response.text


def test_an_old_page_is_told_so(made: Make, signed_in: Any) -> None:
    client = signed_in(made.moderator)
    for hours, status in (("1", 302), ("2", 422)):
        fields = {"seen": "0", "2026-05-04_other": hours}
        assert client.post("/desk/hours/2026-05/", fields).status_code == status


def test_suggestions_stand_beside_and_enter_nothing(
    made: Make, alpha: City, inside: Inside, signed_in: Any
) -> None:
    work_on(made, inside)
    client = signed_in(made.moderator)
    page = client.get("/desk/hours/2026-05/").text
    assert "/desk/hours/day/2026-05-04/?use=1" in page
    assert 'value="0,25"' not in page
    for address in ("/desk/hours/2026-05/?use=1", "/desk/hours/day/2026-05-04/?use=1"):
        assert 'value="0,25"' in client.get(address).text
    assert stored(alpha, inside) == {}
    # Nobody else is asked about them.
    other = signed_in(made.administrator).get("/desk/hours/2026-05/?use=1").text
    assert 'value="0,25"' not in other


def test_a_day_keeps_notes(made: Make, alpha: City, inside: Inside, signed_in: Any) -> None:
    client = signed_in(made.moderator)
    fields = {"2026-05-04_other": "1", "2026-05-04_other_note": "Навчання <b>патруля</b>"}
    response = client.post("/desk/hours/day/2026-05-04/", fields)
    assert response["Location"] == "/desk/hours/2026-05/#day-2026-05-04"
    client.post("/desk/hours/2026-05/", {"2026-05-04_other": "2"})
    assert stored(alpha, inside) == {(4, "other"): (120, "Навчання <b>патруля</b>")}
    page = client.get("/desk/hours/day/2026-05-04/").text
    assert "Навчання &lt;b&gt;патруля&lt;/b&gt;" in page
    fields = {"2026-05-04_other": "", "2026-05-04_other_note": "Саме"}
    response = client.post("/desk/hours/day/2026-05-04/", fields)
    assert response.status_code == 422
    assert "Саме" in response.text


def test_from_writing_to_closing(made: Make, alpha: City, inside: Inside, signed_in: Any) -> None:
    person, boss = signed_in(made.moderator), signed_in(made.administrator)
    person.post("/desk/hours/2026-05/submit/", {"2026-05-04_other": "1"})
    assert 'name="2026-05-04_other"' not in person.get("/desk/hours/2026-05/").text
    with inside(alpha):
        sheet = Timesheet.objects.get()
    at = reverse("hours:sheet", args=[sheet.pk])
    assert at in boss.get("/desk/hours/review/").text
    assert boss.post(f"{at}send-back/", {"send_back-reason": "так"}).status_code == 422
    boss.post(f"{at}send-back/", {"send_back-reason": "Неділя чи понеділок?"})
    assert "Неділя чи понеділок?" in person.get("/desk/hours/2026-05/").text
    person.post("/desk/hours/2026-05/submit/", {"2026-05-04_other": "1,25"})
    # The administrator looked before the hours were corrected.
    boss.post(f"{at}approve/", {"seen": "2"})
    with inside(alpha):
        sheet.refresh_from_db()
    assert sheet.state == "submitted"
    boss.post(f"{at}approve/", {"seen": str(sheet.version)})
    boss.post(f"{at}close/")
    with inside(alpha):
        sheet.refresh_from_db()
    assert sheet.state == "closed"
    response = person.post("/desk/hours/2026-05/", {"2026-05-04_other": "9"})
    assert response.status_code == 422
    assert stored(alpha, inside) == {(4, "other"): (75, "")}


def test_pages_without_hours_say_so(made: Make, signed_in: Any) -> None:
    boss = signed_in(made.administrator)
    assert 'class="empty' in boss.get("/desk/hours/review/").text
    empty = boss.post("/desk/hours/2026-05/submit/", {})
    assert empty.status_code == 422


def test_the_table_of_a_month(made: Make, alpha: City, inside: Inside, signed_in: Any) -> None:
    made.hours(made.moderator, MAY, "approved")
    named = made.user("moderator", name="=Формула")
    with inside(alpha):
        days = {DAY: {"other": Work(15, "+1")}}
        writing.save_days(by=named.actor, month=MAY, days=days)
    boss = signed_in(made.administrator)
    response = boss.get("/desk/hours/review/2026-05/hours.csv")
    assert response["Content-Disposition"] == 'attachment; filename="hours-2026-05.csv"'
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:]
    assert sorted((row[0], row[1], row[3], row[4]) for row in rows) == sorted(
        [
            ("04.05.2026", "'=Формула", "0,25", "'+1"),
            ("02.05.2026", made.moderator.name, "1,5", ""),
            ("02.05.2026", made.moderator.name, "0,5", ""),
        ]
    )
    own = signed_in(named).get("/desk/hours/2026-05/hours.csv").content.decode()
    assert "0,25" in own
    assert made.moderator.name not in own


def test_nobody_sees_another_s_hours_or_another_city_s(
    made: Make, beta: City, make: Maker, signed_in: Any
) -> None:
    made.hours(made.moderator, MAY, other=135)
    there = make(beta).hours(make(beta).moderator, MAY, "submitted")
    boss, colleague = signed_in(made.administrator), signed_in(made.user("moderator"))
    assert "2,25" not in colleague.get("/desk/hours/2026-05/").text
    assert colleague.get("/desk/hours/review/").status_code == 403
    assert "2,25" in boss.get("/desk/hours/review/").text
    assert boss.get(reverse("hours:sheet", args=[there.pk])).status_code == 404
    assert str(there.pk) not in boss.get("/desk/hours/review/").text


def test_pages_cost_the_same_with_one_and_with_many(
    made: Make, inside: Inside, signed_in: Any
) -> None:
    def cost(client: CityClient, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    person, boss = signed_in(made.moderator), signed_in(made.administrator)
    sheet = made.hours(made.moderator, MAY)
    of_person = ["/desk/hours/2026-05/", "/desk/hours/day/2026-05-04/"]
    of_boss = ["/desk/hours/review/", "/desk/hours/review/2026-05/hours.csv"]
    of_boss.append(reverse("hours:sheet", args=[sheet.pk]))
    person.get(of_person[0])  # finds the city, which the process remembers
    few = [cost(person, one) for one in of_person] + [cost(boss, one) for one in of_boss]
    work_on(made, inside)
    works = {"moderation": Work(30), "answers": Work(15), "other": Work(15)}
    with inside(made.city):
        days = {date(2026, 5, day): works for day in range(1, 10)}
        writing.save_days(by=made.moderator.actor, month=MAY, days=days)
    for _ in range(3):
        made.hours(made.user("moderator"), MAY, "approved")
    many = [cost(person, one) for one in of_person] + [cost(boss, one) for one in of_boss]
    assert many == few


def test_saving_a_month_costs_as_saving_a_day(made: Make, signed_in: Any) -> None:
    client = signed_in(made.moderator)
    client.get("/desk/hours/2026-05/")
    costs = []
    for days in (2, 11):
        fields = {f"2026-05-{day:02}_moderation": "1" for day in range(1, days)}
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/desk/hours/2026-05/", fields).status_code == 302
        costs.append(len(queries))
        with CaptureQueriesContext(connection) as again:
            client.post("/desk/hours/2026-05/", fields)
        assert len(again) < len(queries)
    # The first makes the month's row, too.
    assert costs[1] <= costs[0]
