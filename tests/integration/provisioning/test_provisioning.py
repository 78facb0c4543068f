"""From a name to a city: exactly one, whole, and again the same one."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bezpechne.accounts.models import AccountMail, Invitation
from bezpechne.kernel.audit.models import Entry
from community.answers.models import Unit
from community.questions.models import Tally, Topic
from community.questions.states import QuestionState
from provisioning.city_templates.contents import originals
from provisioning.models import Hromada, Trust
from provisioning.provisioning import Request as Wanted
from provisioning.provisioning import provision
from tenants.models import City, Domain
from tests.factories import Inside

STEPS = ("city", "tables", "defaults", "administrator")
ADMIN = ("--admin-email", "boss@example.org")


def refused(*line: str) -> str:
    """What the command says when it exits with 2."""
    with pytest.raises(CommandError) as error:
        call_command("provision_city", *line, *(() if "--admin-email" in line else ADMIN))
    assert error.value.returncode == 2
    return str(error.value)


def lines_with_codes(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("UA")]


@pytest.mark.django_db
def test_several_of_one_name_are_listed_with_oblast_and_raion() -> None:
    text = refused("Миколаївка")
    listed = lines_with_codes(text)
    assert len(listed) > 1
    assert all("область" in line and "район" in line for line in listed)
    assert not City.objects.filter(name_uk="Миколаївка").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Полтвва", "Poltva", "Тернополь"])
def test_a_misspelt_name_is_no_guess_but_a_list(name: str) -> None:
    text = refused(name)
    assert lines_with_codes(text)
    assert City.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["", " ", "Xyzzyqwerty", "UA99999999999999999", "'; DROP--", "\x00"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    assert refused(name)
    assert City.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "line",
    [
        ("Лубни", "--admin-email", "no address"),
        ("Лубни", "--launch-on", "31.12.2026"),
        ("Лубни", "--slug", "Лубни"),
        ("Лубни", "--slug=-x"),
        ("Лубни", "--slug", 'x"; DROP SCHEMA public; --'),
        ("Лубни", "--slug", "ternopil"),
        ("Полтава", "--slug", "poltava-two"),
        ("Лубни", "--oblast", "Львівська"),
    ],
)
def test_bad_options_exit_with_2_and_make_nothing(line: tuple[str, ...]) -> None:
    assert refused(*line)
    assert City.objects.count() == 2


@pytest.mark.django_db
def test_a_city_is_made_whole_and_its_time_is_told_by_step(
    inside: Inside, capsys: pytest.CaptureFixture[str], run_jobs: Any, outbox: list[Any]
) -> None:
    call_command("provision_city", "Лубни", *ADMIN, "--launch-on", "2099-05-01")
    out = capsys.readouterr().out
    for step in (*STEPS, "total"):
        assert step in out
    assert " ms" in out
    assert "http://lubny.bezpechne.test:8000" in out
    city = City.objects.get(slug="lubny")
    assert (city.name_uk, city.launched, city.centre is not None) == ("Лубни", False, True)
    assert city.bounds is not None
    assert city.centre is not None
    assert city.bounds.contains(*city.centre)
    with inside(city):
        town = originals()["town"]
        topics = list(Topic.objects.values("code", "name_uk", "name_en"))
        assert topics == town["topics"]
        units = list(Unit.objects.order_by("id").values("kind", "name_uk", "name_en"))
        assert units == town["units"]
        assert set(Tally.objects.values_list("state", "number")) == {
            (state, 0) for state in QuestionState.values
        }
        assert Unit.objects.get(is_liaison=True).kind == "liaison"
        assert Invitation.objects.get().role == "administrator"
        assert set(Entry.objects.values_list("action", flat=True)) == {"invited", "provisioned"}
    run_jobs()
    [message] = outbox
    assert message.to == ["boss@example.org"]
    assert "http://lubny.bezpechne.test:8000/account/invitation/" in message.body


@pytest.mark.django_db
def test_repeating_gives_the_same_city_and_invites_nobody_again(
    inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    results = []
    for name in ("Лубни", "лубни", "Lubny"):
        call_command("provision_city", name, *ADMIN, "--json")
        results.append(json.loads(capsys.readouterr().out))
    assert [result["created"] for result in results] == [True, False, False]
    assert {result["slug"] for result in results} == {"lubny"}
    assert set(results[0]["steps_ms"]) == set(STEPS)
    assert Domain.objects.filter(tenant__slug="lubny").count() == 1
    with inside(City.objects.get(slug="lubny")):
        assert AccountMail.objects.count() == 1


@pytest.mark.django_db
def test_a_city_without_a_trusted_point_asks_to_place_the_centre(
    capsys: pytest.CaptureFixture[str], client_of: Any, inside: Inside
) -> None:
    row = Hromada.objects.filter(trust__in=[Trust.MISSING, Trust.MISPLACED]).first()
    assert row is not None
    call_command("provision_city", row.code, *ADMIN)
    assert "place the centre" in capsys.readouterr().out
    city = City.objects.get(katottg=row.code)
    assert (city.centre, city.bounds) == (None, None)
    call_command("city", "list")
    assert "place the centre" in capsys.readouterr().out
    assert client_of(city).get("/").status_code == 200
    assert client_of(city).get("/ask/").status_code == 200


@pytest.mark.django_db
def test_kyiv_is_a_city_without_a_hromada(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("provision_city", "Київ", *ADMIN, "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["slug"], result["created"]) == ("kyiv", True)


@pytest.mark.django_db
def test_a_failure_in_the_last_step_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("provisioning.provisioning.invite", fail)
    hromada = Hromada.objects.get(slug="lubny")
    with pytest.raises(RuntimeError):
        provision(Wanted(hromada=hromada, admin_email="boss@example.org"))
    assert not City.objects.filter(slug="lubny").exists()
    monkeypatch.undo()
    assert provision(Wanted(hromada=hromada, admin_email="boss@example.org")).created
