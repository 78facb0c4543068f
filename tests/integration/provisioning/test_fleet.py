"""Cities of an older release are brought to this one; one that fails stops nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from bezpechne.accounts.models import User
from bezpechne.kernel.schema import in_schema
from community.questions.models import Question
from provisioning.models import MigrationScript
from provisioning.schemas import fleet
from provisioning.schemas.building import create_schema, migrate
from tenants.models import City, Domain
from tenants.versions import Version, code_version, remember, schema_version
from tests.factories import Inside
from tests.integration.provisioning.test_schemas import shape, without_numbers

# What the last release did not have yet.
# Each app's last migration of the release before; the others are as they were.
BEFORE = {
    "accounts": 1,
    "answers": 1,
    "audit": 2,
    "desk": 0,
    "mfa": 0,
    "notices": 1,
    "questions": 2,
}
NEW = {
    (app, name)
    for app, name in code_version().migrations
    if app in BEFORE and int(name[:4]) > BEFORE[app]
}
OLD = Version.of(code_version().migrations - NEW)


@pytest.fixture
def old_city(db: None) -> Callable[[str], City]:
    """Makes a city as the last release left it."""

    def make(slug: str) -> City:
        remember(OLD)
        schema = f"city_{slug}"
        create_schema(schema)
        migrate(schema, only=OLD.migrations)
        city = City(
            schema_name=schema, slug=slug, name_uk=slug, name_en=slug,
            katottg=f"UA{slug}", schema_version=OLD.fingerprint,
        )  # fmt: skip
        city.save()
        Domain(domain=f"{slug}.bezpechne.test", tenant=city, is_primary=True).save()
        return city

    return make


def version_in(city: City) -> Version:
    with in_schema(city.schema_name):
        return schema_version()


def test_nothing_to_do_costs_one_query(
    db: None, django_assert_num_queries: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert City.objects.count() == 2
    with django_assert_num_queries(1):
        call_command("migrate_cities")
    assert "Nothing to do" in capsys.readouterr().out


def test_replay_makes_what_the_migrations_make(old_city: Callable[[str], City]) -> None:
    city = old_city("old")
    assert version_in(city) == OLD
    outcome = fleet.migrate_cities(threads=1)
    assert (outcome.done, outcome.failed) == (["old"], {})
    city.refresh_from_db()
    assert city.schema_version == code_version().fingerprint
    assert version_in(city) == code_version()
    fresh = shape("city_poltava")
    mended = shape("city_old")
    assert without_numbers(mended.pop("columns")) == without_numbers(fresh.pop("columns"))
    assert mended == fresh
    script = MigrationScript.objects.get(before=OLD.fingerprint)
    assert script.sql
    assert sorted(script.migrations) == sorted(".".join(key) for key in NEW)


def test_the_way_is_recorded_once_and_no_scratch_schema_stays(
    old_city: Callable[[str], City],
) -> None:
    old_city("old")
    first = fleet.way_from(OLD.fingerprint)
    assert fleet.way_from(OLD.fingerprint).pk == first.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'scratch%'")
        assert cursor.fetchone() == (0,)


def test_a_city_that_fails_keeps_its_version_and_stops_nobody(
    old_city: Callable[[str], City], capsys: pytest.CaptureFixture[str]
) -> None:
    for slug in ("aaa", "bbb", "ccc"):
        old_city(slug)
    with connection.cursor() as cursor:
        # Somebody changed this city by hand: a constraint of the new release is there already.
        cursor.execute("ALTER TABLE city_bbb.questions_question DROP CONSTRAINT IF EXISTS x")
        cursor.execute("ALTER TABLE city_bbb.answers_answer RENAME TO answers_gone")
    with pytest.raises(CommandError, match="bbb") as failed:
        call_command("migrate_cities", threads=1)
    assert failed.value.returncode == 1
    states = dict(City.objects.values_list("slug", "schema_version"))
    assert states["aaa"] == states["ccc"] == code_version().fingerprint
    assert states["bbb"] == OLD.fingerprint
    broken = City.objects.get(slug="bbb")
    assert "answers_answer" in broken.migration_error
    assert version_in(broken) == OLD

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE city_bbb.answers_gone RENAME TO answers_answer")
    call_command("migrate_cities", threads=1)
    broken.refresh_from_db()
    assert (broken.schema_version, broken.migration_error) == (code_version().fingerprint, "")
    assert "1 cities migrated" in capsys.readouterr().out


def test_a_canary_that_fails_keeps_the_rest_as_they_were(old_city: Callable[[str], City]) -> None:
    for slug in ("aaa", "zzz"):
        old_city(slug)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE city_zzz.answers_answer RENAME TO answers_gone")
    with pytest.raises(CommandError, match="Stopped at the first city, zzz"):
        call_command("migrate_cities", threads=1, canary="zzz")
    assert City.objects.get(slug="aaa").schema_version == OLD.fingerprint


def test_a_dry_run_shows_the_plan_and_changes_no_city(
    old_city: Callable[[str], City], capsys: pytest.CaptureFixture[str]
) -> None:
    city = old_city("old")
    call_command("migrate_cities", dry_run=True, sql=True)
    out = capsys.readouterr().out
    assert "1 cities" in out
    assert "questions.0003_states_and_dates" in out
    assert "ALTER TABLE" in out
    assert version_in(city) == OLD


def test_a_way_with_python_goes_city_by_city(
    old_city: Callable[[str], City], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = old_city("old")
    monkeypatch.setattr(fleet, "holds_python", lambda operations: True)
    assert fleet.way_from(OLD.fingerprint).sql == ""
    assert fleet.migrate_cities(threads=1).done == ["old"]
    assert version_in(city) == code_version()


def test_a_city_of_an_unknown_version_is_migrated_by_itself(
    old_city: Callable[[str], City],
) -> None:
    city = old_city("old")
    City.objects.filter(pk=city.pk).update(schema_version="")
    assert fleet.migrate_cities(threads=1).done == ["old"]
    assert version_in(city) == code_version()


def test_rows_stay_through_a_migration(old_city: Callable[[str], City], inside: Inside) -> None:
    city = old_city("old")
    with in_schema(city.schema_name), connection.cursor() as cursor:
        # As the last release did: it knows fewer columns.
        cursor.execute(
            "INSERT INTO accounts_user"
            " (email, password, name, role, language, is_active, created_at)"
            " VALUES ('m@example.org', '!', 'М', 'moderator', 'uk', true, now() - interval '1 year')"
        )
    fleet.migrate_cities(threads=1)
    with inside(city):
        person = User.objects.get()
        assert person.email == "m@example.org"
        assert person.factor_days_left == 14, "the days of grace begin with the release"
        User.objects.update(factor_due_at=None)
        assert User.objects.get().factor_days_left == 0, "they end for a row without them too"
        assert Question.objects.count() == 0


def test_only_a_city_that_is_behind_is_refused_and_politely(
    old_city: Callable[[str], City], client_of: Any, alpha: City
) -> None:
    city = old_city("old")
    answer = client_of(city).get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"].isdigit()
    sent = client_of(city).post("/ask/", {"text": "Хто чистить сніг?"})
    assert sent.status_code == 503
    assert "Хто чистить сніг?" in sent.content.decode()
    assert client_of(alpha).get("/").status_code == 200
    assert client_of(None).get("/").status_code == 200


def test_a_city_that_is_ahead_is_served(alpha: City, client_of: Any) -> None:
    """During a deploy the servers of the last release go on with migrated cities."""
    ahead = Version.of(code_version().migrations | {("questions", "9999_next")})
    remember(ahead)
    City.objects.filter(pk=alpha.pk).update(schema_version=ahead.fingerprint)
    assert client_of(alpha).get("/").status_code == 200
    City.objects.filter(pk=alpha.pk).update(schema_version="ffffffffffffffff")
    from tenants import resolution  # noqa: PLC0415 - this test alone

    resolution.forget()
    assert client_of(alpha).get("/").status_code == 503


def test_a_locked_city_is_tried_again(
    old_city: Callable[[str], City], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try meets a lock; the next one, after a wait, does not."""
    from django.db import OperationalError  # noqa: PLC0415 - this test alone

    old_city("aaa")
    old_city("bbb")
    real = fleet.migrate_city
    met: list[int] = []

    def busy_once(pk: int, way: fleet.Way) -> None:
        if City.objects.get(pk=pk).slug == "bbb" and not met:
            met.append(pk)
            raise OperationalError("canceling statement due to lock timeout")
        real(pk, way)

    monkeypatch.setattr(fleet, "migrate_city", busy_once)
    monkeypatch.setattr(fleet, "RETRY_SECONDS", (0.0,))
    outcome = fleet.migrate_cities(threads=1)
    assert (outcome.done, outcome.failed) == (["aaa", "bbb"], {})
