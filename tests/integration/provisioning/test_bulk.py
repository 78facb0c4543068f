"""Many cities at once: resumable, and a report of what failed and why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from bezpechne.accounts.models import Invitation
from provisioning import bulk
from provisioning.provisioning import provision
from tenants.models import City
from tests.factories import Inside
from tests.integration.committed import remove_city, unblocked

HEAD = "name,oblast,slug,admin_email,launch_on,trial_ends_on\n"


def save(folder: Path, text: str, encoding: str = "utf-8") -> str:
    path = folder / "міста.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def run(*line: str) -> None:
    call_command("provision_cities", *line, threads=1)


@pytest.mark.django_db
def test_a_file_makes_its_cities_and_names_the_lines_that_failed(
    tmp_path: Path, inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEAD + (
        "Лубни,,,boss@example.org,2099-05-01,\n"
        "Миколаївка,,,,,\n"
        "Кременчук,,,not an address,,\n"
        "Горішні Плавні,Полтавська,,,,2099-03-01\n"
        "Немає Такого,,,,,\n"
        "Миргород,,www,,,\n"
        "Гадяч,,,,31.12.2026,\n"
        "Полтава,,,,,\n"
    )
    report = tmp_path / "report.csv"
    with pytest.raises(CommandError) as error:
        run(save(tmp_path, text), "--report", str(report))
    assert error.value.returncode == 1
    said = str(error.value)
    for expected in (
        "line 3: Миколаївка: several hromadas",
        "line 4: Кременчук: admin_email",
        "line 6: Немає Такого: no such hromada",
        "line 7: Миргород: The slug “www” is kept",
        "line 8: Гадяч: launch_on",
    ):
        assert expected in said
    assert len(report.read_text(encoding="utf-8").splitlines()) == 6
    assert "2 cities made, 1 kept" in capsys.readouterr().out
    lubny = City.objects.get(slug="lubny")
    assert not lubny.launched
    with inside(lubny):
        assert Invitation.objects.get().email == "boss@example.org"
    trial = City.objects.get(name_uk="Горішні Плавні")
    assert (trial.state, str(trial.trial_ends_on)) == ("trial", "2099-03-01")
    with inside(trial):
        assert not Invitation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("", "utf-8", "first line must name"),
        ("city,mail\nЛубни,x\n", "utf-8", "first line must name"),
        (HEAD + "Лубни,,,,,\n", "cp1251", "UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    tmp_path: Path, text: str, encoding: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said) as error:
        run(save(tmp_path, text, encoding))
    assert error.value.returncode == 2
    assert City.objects.count() == 2


@pytest.mark.django_db
def test_an_absent_file_and_an_unknown_oblast_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path / "absent.csv"))
    with pytest.raises(CommandError, match="Known: "):
        run("--oblast", "Нарнія")


@pytest.mark.django_db
def test_semicolons_and_a_byte_order_mark_of_a_spreadsheet(tmp_path: Path) -> None:
    run(save(tmp_path, "\ufeffname;slug\nUA53040030000088898;\n\n", "utf-8"))
    assert City.objects.count() == 3


def test_every_place_of_ukraine_and_of_an_oblast() -> None:
    every = bulk.lines_of_ukraine()
    assert len(every) == len({line.code for line in every}) == 1470
    poltava = bulk.lines_of_ukraine("Полтавська область")
    assert len(poltava) == 60
    assert poltava == bulk.lines_of_ukraine("полтавська")


@pytest.mark.django_db
def test_a_second_run_makes_what_the_first_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a kill in the middle: two of three cities are there."""
    path = save(tmp_path, "name\nЛубни\nМиргород\nКременчук\n")
    real = provision

    def breaks(request: Any, **options: Any) -> Any:
        if request.hromada.slug.startswith("kremenchuk"):
            raise KeyboardInterrupt
        return real(request, **options)

    monkeypatch.setattr(bulk, "provision", breaks)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    monkeypatch.undo()
    assert City.objects.count() == 4
    run(path)
    assert "1 cities made, 2 kept" in capsys.readouterr().out


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        yield
        for slug in ("lubny", "myrhorod"):
            remove_city(slug)


def test_a_database_that_goes_away_in_the_middle_is_waited_for(
    committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The connection of one city breaks under it; both cities are made, over two connections."""
    real = provision
    broken: list[Any] = []

    def breaks(request: Any, **options: Any) -> Any:
        if request.hromada.slug == "lubny" and not broken:
            broken.append(request)
            raise OperationalError("terminating connection due to administrator command")
        return real(request, **options)

    monkeypatch.setattr(bulk, "provision", breaks)
    monkeypatch.setattr(bulk, "RETRY_SECONDS", (0.0,))
    call_command("provision_cities", save(tmp_path, "name\nЛубни\nМиргород\n"), threads=2)
    assert len(broken) == 1
    assert City.objects.filter(slug__in=["lubny", "myrhorod"]).count() == 2
