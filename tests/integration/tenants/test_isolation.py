"""What belongs to one city does nothing in another: tables, sessions, links, files, jobs, caches."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from bezpechne.accounts.actions import reset_tokens
from bezpechne.kernel import queue, throttle
from bezpechne.kernel.mail import outbox as outgoing
from bezpechne.kernel.models import Throttle
from bezpechne.kernel.schema import current_schema
from community.notices.models import Notice
from community.questions.models import Photo, Question
from tenants.current import current_city
from tenants.models import City
from tests.factories import Inside, Maker, RunJobs
from tests.worlds import World, populate, raise_ids

IN_BOTH = {
    "accounts_invitation",
    "accounts_mail",
    "accounts_sign_in",
    "accounts_user",
    "django_content_type",
    "django_migrations",
    "django_session",
    "mfa_authenticator",
}


def tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {row[0] for row in cursor.fetchall()}


def test_only_accounts_sessions_and_content_types_exist_twice(alpha: City, beta: City) -> None:
    """Another table in both would turn a wrong path from an error into a leak."""
    city, public = tables(alpha.schema_name), tables("public")
    assert city == tables(beta.schema_name)
    assert city & public == IN_BOTH
    assert {"questions_question", "answers_routing", "audit_entry", "notices_notice"} <= city


def test_every_table_of_a_city_has_its_reason(alpha: City) -> None:
    page = Path(settings.ROOT_DIR, "decisions", "0006-tables-of-a-city.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \| \w", page, re.MULTILINE)) == tables(alpha.schema_name)


def test_no_foreign_key_leaves_its_schema(alpha: City) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c"
            " JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid"
            " WHERE a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchall() == []


def test_no_city_has_triggers_or_own_functions(alpha: City) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT tgisinternal AND c.relnamespace = %s::regnamespace",
            [alpha.schema_name],
        )
        assert cursor.fetchall() == []


def test_content_types_have_the_same_ids_in_all_cities(alpha: City, beta: City) -> None:
    """Django keeps them in the process for all."""
    rows = []
    with connection.cursor() as cursor:
        for city in (alpha, beta):
            cursor.execute(
                f"SELECT id, app_label, model FROM {city.schema_name}.django_content_type"  # noqa: S608 - our own name
                " ORDER BY id"
            )
            rows.append(cursor.fetchall())
    assert rows[0] == rows[1]


# --- Sessions -------------------------------------------------------------------------------------


def test_a_session_is_nothing_in_another_city(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    boss = make(alpha).administrator
    make(beta).user("administrator", boss.email)
    here, there, base = client_of(alpha), client_of(beta), client_of(None)
    with inside(alpha):
        here.force_login(boss)
    assert here.get("/desk/").status_code == 200
    for client in (there, base):
        client.cookies = here.cookies
    assert there.get("/desk/").status_code == 302
    assert base.get("/console/").status_code == 302


@pytest.mark.parametrize("where", ["city", "platform"])
def test_a_copied_session_row_is_nothing_either(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any, where: str
) -> None:
    """The row is signed with its schema, so even the same key and user id open nothing."""
    target = beta if where == "city" else None
    boss = make(alpha).administrator
    here, there = client_of(alpha), client_of(target)
    with inside(alpha):
        here.force_login(boss)
        row = Session.objects.values().get(session_key=here.session.session_key)
    role = "administrator" if target else "operator"
    twin = make(target).user(role, boss.email, pk=boss.pk)
    assert twin.pk == boss.pk
    with inside(target):
        Session.objects.create(**row)
        there.cookies = here.cookies
        there.cookies[settings.SESSION_COOKIE_NAME] = row["session_key"]
    assert there.get("/desk/" if target else "/console/").status_code == 302


def test_deactivation_and_a_new_password_end_a_session_at_once(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    for change in ("deactivate", "password"):
        user = make(alpha).user("moderator")
        client = client_of(alpha)
        with inside(alpha):
            client.force_login(user)
        assert client.get("/desk/").status_code == 200
        with inside(alpha):
            if change == "deactivate":
                user.is_active = False
            else:
                user.set_password("another password of hers")
            user.save()
        assert client.get("/desk/").status_code == 302


def test_cookies_are_for_one_host_alone(alpha: City, make: Maker, client_of: Any) -> None:
    user = make(alpha).moderator
    client = client_of(alpha)
    client.post("/account/sign-in/", {"email": user.email, "password": "correct horse battery"})
    cookies = client.cookies.values()
    assert {cookie.key for cookie in cookies} >= {settings.SESSION_COOKIE_NAME}
    for cookie in cookies:
        assert cookie["domain"] == ""
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


# --- Links and files ------------------------------------------------------------------------------


@pytest.fixture
def other(beta: City) -> World:
    """The other city, whose ids are nobody's here."""
    raise_ids(beta)
    return populate(beta)


LINKS = {
    "portal:pending": ("pending", "token"),
    "portal:confirm": ("confirm", "token"),
    "portal:follow": ("follow", "token"),
    "answers:page": ("unit", "token"),
    "accounts:accept": ("invitation", "token"),
    "acting:begin": ("acting", "token"),
}


def test_links_of_one_city_work_there_and_nowhere_else(
    alpha: City, beta: City, other: World, client_of: Any
) -> None:
    for name, (kind, argument) in LINKS.items():
        url = reverse(name, kwargs={argument: other.links[kind]})
        assert client_of(beta).get(url).status_code == 200, name
        assert client_of(alpha).get(url).status_code in {404, 410}, name
        assert client_of(alpha).post(url, {}).status_code in {404, 405, 410}, name


def test_links_do_nothing_even_where_another_city_has_the_same_row(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    """Equal ids and versions in both: only the schema in the token tells them apart."""
    raise_ids(alpha, beta)
    rows = [(make(city).asker(), make(city).routing()) for city in (alpha, beta)]
    assert rows[0][0].pk == rows[1][0].pk
    assert rows[0][1].pk == rows[1][1].pk
    for city, foreign in ((alpha, beta), (beta, alpha)):
        token = make(city).token("confirm", rows[0][0].pk)
        unit = make(city).token("routing", rows[0][1].pk)
        assert client_of(city).get(f"/confirm/{token}/").status_code == 200
        assert client_of(foreign).get(f"/confirm/{token}/").status_code == 410
        assert client_of(city).get(f"/answer/{unit}/").status_code == 200
        assert client_of(foreign).get(f"/answer/{unit}/").status_code == 410


def test_a_reset_link_is_bound_to_its_city(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    """Also for the person who has the same id, address and password hash in both."""
    user = make(alpha).user("moderator", "same@example.org", pk=777)
    twin = make(beta).user("moderator", "same@example.org", pk=777)
    with inside(beta):
        twin.password, twin.last_login = user.password, user.last_login
        twin.save()
    with inside(alpha):
        token = reset_tokens.make_token(user)
    url = reverse("accounts:reset_confirm", args=["Nzc3", token])
    assert client_of(alpha).get(url).status_code == 200
    assert client_of(beta).get(url).status_code == 410
    assert client_of(None).get(url).status_code == 410


def test_photos_and_letters_of_one_city_are_nothing_in_another(
    alpha: City, beta: City, other: World, make: Maker, inside: Inside, client_of: Any
) -> None:
    desk = client_of(alpha)
    with inside(alpha):
        desk.force_login(make(alpha).administrator)
    urls = [
        reverse("photo", args=[other.photo.key, "full"]),
        reverse("draft_photo", args=[other.draft_key, other.draft_photo.key]),
        reverse("portal:own_photo", args=[other.links["own_photo"], other.photo.key, "full"]),
        reverse("answers:photo", args=[other.links["unit"], other.routed_photo.key, "full"]),
        reverse("answers:letter", args=[other.links["answered_unit"], other.letter.key]),
    ]
    for url in urls:
        found = client_of(beta).get(url)
        assert found.status_code == 200, url
        assert b"".join(found.streaming_content)
        for client in (desk, client_of(alpha)):
            assert client.get(url).status_code == 404, url
    letter = reverse("desk:letter", args=[other.letter.key])
    assert desk.get(letter).status_code == 404


def test_within_a_city_a_link_opens_only_its_own_photos_and_letters(
    beta: City, other: World, make: Maker, inside: Inside, client_of: Any
) -> None:
    client = client_of(beta)
    stranger = make(beta).letter()
    unpublished = make(beta).question("in_moderation", photos=1)
    with inside(beta):
        secret = Photo.objects.get(question=unpublished)
    foreign = [
        reverse("portal:own_photo", args=[other.links["follow"], other.photo.key, "full"]),
        reverse("portal:own_photo", args=[other.links["own_photo"], secret.key, "full"]),
        reverse("answers:photo", args=[other.links["unit"], other.photo.key, "full"]),
        reverse("answers:photo", args=[other.links["answered_unit"], secret.key, "full"]),
        reverse("answers:letter", args=[other.links["unit"], other.letter.key]),
        reverse("answers:letter", args=[other.links["answered_unit"], stranger.key]),
        reverse("photo", args=[secret.key, "full"]),
        reverse("photo", args=[other.draft_photo.key, "full"]),
        reverse("draft_photo", args=[secret.submit_key, secret.key]),
        reverse("draft_photo", args=[stranger.key, other.draft_photo.key]),
        reverse("photo", args=[other.photo.key, "original"]),
    ]
    for url in foreign:
        assert client.get(url).status_code == 404, url


def test_files_lie_under_their_citys_prefix(
    alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    photos = {city.schema_name: make(city).draft_photo() for city in (alpha, beta)}
    for schema, photo in photos.items():
        path = Path(settings.MEDIA_ROOT, schema, str(photo.full.name))
        assert path.is_file()
        assert path.stat().st_mode & 0o077 == 0
    with inside(alpha):
        assert not default_storage.exists(str(photos[beta.schema_name].full.name))


# --- Jobs, caches, counters -----------------------------------------------------------------------


def test_a_job_acts_in_the_city_that_queued_it(
    alpha: City, beta: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    asked = make(alpha).asker(email="alpha@example.org")
    make(beta).asker(email="beta@example.org")
    with inside(beta):
        Notice.objects.update(id=10_000_000)
    with inside(beta):
        run_jobs_of(alpha)
    assert [message.to for message in outbox] == [["alpha@example.org"]]
    with inside(alpha):
        assert Notice.objects.get(question_id=asked.question_id).sent_at is not None
    with inside(beta):
        assert Notice.objects.get().sent_at is None


def run_jobs_of(city: City) -> None:
    """The jobs whose arguments name the city, run from wherever this thread stands."""
    from procrastinate.contrib.django import app  # noqa: PLC0415 - after Django is set up

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, (args->>'mail_id')::int FROM public.procrastinate_jobs"
            " WHERE args->>'schema' = %s",
            [city.schema_name],
        )
        rows = cursor.fetchall()
    for name, mail_id in rows:
        app.tasks[name].func(schema=city.schema_name, mail_id=mail_id)


def test_a_failed_job_leaves_no_city_behind(
    alpha: City, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(alpha).asker()
    monkeypatch.setattr(outgoing, "as_message", _fail)
    with pytest.raises(OSError, match="down"):
        run_jobs_of(alpha)
    assert current_schema() == "public"
    with pytest.raises(LookupError):
        current_city()


def _fail(*args: Any) -> None:
    raise OSError("down")


def test_a_job_of_a_city_that_is_gone_is_done(alpha: City, make: Maker, outbox: list[Any]) -> None:
    """Tried ten times it would stand among the dead jobs, where nobody can help it."""
    make(alpha).asker()
    queue.defer("notices.deliver_mail", mail_id=1)
    City.objects.filter(pk=alpha.pk).update(schema_name="city_gone")
    run_jobs_of(alpha)
    assert outbox == []
    assert current_schema() == "public"


def test_cached_values_of_cities_do_not_meet(alpha: City, beta: City, inside: Inside) -> None:
    places: list[City | None] = [alpha, beta, None]
    for place in places:
        with inside(place):
            cache.set("key", str(place))
    for place in places:
        with inside(place):
            assert cache.get("key") == str(place)


def test_counters_of_cities_do_not_meet_and_name_nobody(
    alpha: City, beta: City, inside: Inside
) -> None:
    hour = timedelta(hours=1)
    places: list[City | None] = [alpha, beta, None]
    for place in places:
        with inside(place):
            assert throttle.allow("ask", "Odarka@example.org", limit=1, window=hour)
            assert not throttle.allow("ask", "odarka@EXAMPLE.org", limit=1, window=hour)
            assert throttle.allow("reset", "odarka@example.org", limit=1, window=hour)
    assert "odarka" not in str(list(Throttle.objects.values()))


def test_a_city_without_a_table_fails_instead_of_reading_the_platforms(
    alpha: City, inside: Inside
) -> None:
    """Nothing of a city is found on the platform's path."""
    from django.db import ProgrammingError, transaction  # noqa: PLC0415 - this test alone

    with inside(None), pytest.raises(ProgrammingError), transaction.atomic():
        Question.objects.exists()
