"""Launch is separate from state: the curtain, the preview, suspension."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from community.questions.models import Question
from provisioning import life
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Maker
from tests.route_table import question_form
from tests.worlds import populate

Behind = ("/", "/about/", "/ask/", "/follow/lost/", "/q/{number}/", "/en/", "/en/ask/")


@pytest.fixture
def closed(alpha: City) -> City:
    """Poltava, two weeks before its launch."""
    return life.launch(by=OPERATOR, city=alpha, on=clock.today() + timedelta(days=14))


def test_before_the_launch_the_public_sees_the_curtain(
    closed: City, make: Maker, client_of: Any
) -> None:
    question = make(closed).question("published", text="Чому ТАЄМНИЦЯ не відкрита всім?")
    for path in Behind:
        response = client_of(closed).get(path.format(number=question.pk))
        assert response.status_code == 200
        assert "ТАЄМНИЦЯ" not in response.text
        assert "tel:102" in response.text, path
        assert next(template.name for template in response.templates) == "tenants/curtain.html"


def test_before_the_launch_nothing_is_given_to_the_map_either(
    closed: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    question = make(closed).question("published", photos=1)
    for path in ("/map/pins.json?bbox=22,44,40,52", "/map/outline.json", "/map/places.json"):
        response = client_of(closed).get(path)
        assert response.status_code == 403
        assert response.json() == {"detail": "not launched"}
    with inside(closed):
        key = question.photos.get().key
    photo = client_of(closed).get(f"/files/photo/{key}/full.jpg")
    assert photo["Content-Type"].startswith("text/html")


def test_nobody_asks_behind_the_curtain(closed: City, inside: Inside, client_of: Any) -> None:
    fields = question_form(closed)
    client_of(closed).post("/ask/", fields)
    with inside(closed):
        assert not Question.objects.exists()


def test_staff_sign_in_prepare_and_preview(
    closed: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    question = make(closed).question("published", text="Чому ТАЄМНИЦЯ не відкрита всім?")
    client = client_of(closed)
    assert client.get("/account/sign-in/").status_code == 200
    with inside(closed):
        client.force_login(make(closed).moderator)
    for path in ("/", f"/q/{question.pk}/", "/desk/"):
        response = client.get(path)
        assert response.status_code == 200
        assert "tenants/curtain.html" not in [template.name for template in response.templates]
    assert "ТАЄМНИЦЯ" in client.get(f"/q/{question.pk}/").text


def test_links_of_letters_work_before_the_launch(closed: City, client_of: Any) -> None:
    world = populate(closed)
    client = client_of(closed)
    for path in (
        f"/answer/{world.links['unit']}/",
        f"/follow/{world.links['follow']}/",
        f"/account/invitation/{world.links['invitation']}/",
    ):
        response = client.get(path)
        assert response.status_code == 200
        assert "tenants/curtain.html" not in [template.name for template in response.templates]


def test_the_curtain_falls_at_midnight_in_kyiv(closed: City, make: Maker, client_of: Any) -> None:
    assert closed.launch_on is not None
    midnight = (
        clock.now()
        .astimezone(clock.KYIV)
        .replace(
            year=closed.launch_on.year,
            month=closed.launch_on.month,
            day=closed.launch_on.day,
            hour=0,
            minute=0,
            second=0,
            microsecond=0,
        )
    )
    shown = []
    for moment in (midnight - timedelta(seconds=1), midnight):
        with clock.frozen(moment):
            response = client_of(closed).get("/")
            shown.append(next(template.name for template in response.templates))
    assert shown == ["tenants/curtain.html", "portal/home.html"]


def test_a_suspended_city_is_read_but_not_asked(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    question = make(alpha).question("answered")
    life.suspend(by=OPERATOR, city=alpha, reason="Договір <закінчився>")
    client = client_of(alpha)
    for path in ("/", f"/q/{question.pk}/", "/about/", "/map/pins.json?bbox=22,44,40,52"):
        assert client.get(path).status_code == 200
    for response in (
        client.get("/ask/"),
        client.post("/ask/", question_form(alpha)),
    ):
        assert "Договір &lt;закінчився&gt;" in response.text
    with inside(alpha):
        assert Question.objects.count() == 1
    life.resume(by=OPERATOR, city=alpha)
    assert client.post("/ask/", question_form(alpha)).status_code == 302


def test_every_change_is_in_the_citys_own_history(alpha: City, inside: Inside) -> None:
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    life.resume(by=OPERATOR, city=alpha)
    life.launch(by=OPERATOR, city=alpha)
    with inside(alpha):
        rows = Entry.objects.filter(subject="city").order_by("id")
        assert [(row.action, row.actor_kind) for row in rows] == [
            ("provisioned", "operator"),
            ("suspended", "operator"),
            ("resumed", "operator"),
            ("launch_set", "operator"),
        ]


CHANGES: dict[str, Callable[[Any, City], object]] = {
    "launch": lambda by, city: life.launch(by=by, city=city),
    "suspend": lambda by, city: life.suspend(by=by, city=city, reason="Так"),
    "resume": lambda by, city: life.resume(by=by, city=city),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_an_operator_launches_suspends_and_resumes(
    alpha: City, make: Maker, change: str
) -> None:
    for user in (make(alpha).administrator, make(None).user("finance")):
        with pytest.raises(PermissionDenied):
            CHANGES[change](user.actor, alpha)


def test_a_state_is_not_entered_twice(alpha: City) -> None:
    with pytest.raises(life.CityChangeRefused):
        life.resume(by=OPERATOR, city=alpha)
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    with pytest.raises(life.CityChangeRefused):
        life.suspend(by=OPERATOR, city=alpha, reason="Ще")


def test_the_command_lists_launches_suspends_and_resumes(
    alpha: City, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("city", "launch", "poltava", "--on", "2099-01-02")
    assert "opens 2099-01-02" in capsys.readouterr().out
    call_command("city", "launch", "poltava")
    call_command("city", "suspend", "poltava", "--reason", "Перерва")
    assert "suspended" in capsys.readouterr().out
    call_command("city", "resume", "poltava")
    call_command("city", "list")
    out = capsys.readouterr().out
    assert "http://poltava.bezpechne.test:8000" in out
    assert "ternopil" in out
    for line in (["launch", "nowhere"], ["resume", "poltava"], ["launch", "poltava", "--on", "x"]):
        with pytest.raises(CommandError) as refused:
            call_command("city", *line)
        assert refused.value.returncode == 2
