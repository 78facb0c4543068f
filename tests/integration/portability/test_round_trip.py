"""Exported, deleted, restored: the same rows, files, links and sign-ins."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from bezpechne.accounts.models import AccountMail
from bezpechne.kernel import tokens
from community.answers.models import Routing
from community.notices.models import Notice
from community.questions.models import Asker, Photo, Question
from community.questions.states import QuestionState
from provisioning.models import JournalEntry
from provisioning.portability.refusals import RestoreRefused
from provisioning.portability.restoring import Restored, restore_city
from provisioning.provisioning import OPERATOR
from tenants.models import City, Domain
from tenants.states import CityState
from tenants.versions import code_version
from tests.conftest import CityClient
from tests.factories import PASSWORD, Make, inside
from tests.integration.portability.altering import rewrite
from tests.integration.portability.conftest import SCHEMA, SLUG, Sample, forget
from tests.worlds import digest

# The restoration itself is written down in the city; migrations keep the day they ran.
TOUCHED = {"audit_entry", "django_migrations"}


def bring(sample: Sample, **options: Any) -> Restored:
    return restore_city(by=OPERATOR, path=sample.path, **options)


def same(schema: str, sample: Sample) -> None:
    now = {name.partition(".")[2]: text for name, text in digest(schema).items()}
    then = {name.partition(".")[2]: text for name, text in sample.digest.items()}
    assert now.keys() == then.keys()
    changed = {name for name in now if now[name] != then[name]}
    assert changed <= TOUCHED


def opens(client: CityClient, sample: Sample) -> dict[str, int]:
    """Status of what people hold in their hands."""
    world = sample.world
    signed_in = client.post(
        reverse("accounts:sign_in"), {"email": world.colleague.email, "password": PASSWORD}
    )
    desk = client.get("/desk/", follow=True)
    photo = client.get(reverse("photo", args=[world.photo.key, "full"]))
    assert photo.getvalue()[:2] == b"\xff\xd8"
    return {
        "sign_in": signed_in.status_code,
        "desk": desk.status_code,
        "follow": client.get(reverse("portal:follow", args=[world.links["follow"]])).status_code,
        "unit": client.get(reverse("answers:page", args=[world.links["unit"]])).status_code,
        "invitation": client.get(
            reverse("accounts:accept", args=[world.links["invitation"]])
        ).status_code,
        "photo": photo.status_code,
    }


GOOD = {"sign_in": 302, "desk": 200, "follow": 200, "unit": 200, "invitation": 200, "photo": 200}


def test_everything_is_as_it_was(
    deleted: Sample, client_of: Callable[[Any], CityClient], run_jobs: Callable[[], int]
) -> None:
    assert not City.objects.filter(slug=SLUG).exists()
    done = bring(deleted)
    same(SCHEMA, deleted)
    assert (done.same_links, done.dead_links, done.lost_host) == (True, 0, "")
    city = City.objects.get(slug=SLUG)
    old = deleted.world.city
    for field in City._meta.concrete_fields:
        if field.name not in {"migrated_at", "exported_at", "export_sha256"}:
            assert getattr(city, field.name) == getattr(old, field.name), field.name
    assert city.schema_version == code_version().fingerprint
    # A deletion needs an export of this city, not of the one that it was.
    assert (city.exported_at, city.export_sha256) == (None, "")
    assert opens(client_of(city), deleted) == GOOD


def test_every_file_is_back_with_its_bytes(deleted: Sample) -> None:
    bring(deleted)
    before = {
        str(path.relative_to(deleted.media)): path.read_bytes()
        for path in (deleted.media / SCHEMA).rglob("*")
        if path.is_file()
    }
    root = live_settings.MEDIA_ROOT
    after = {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
    assert len(before) > 10
    assert after == before


def test_numbering_goes_on(deleted: Sample) -> None:
    bring(deleted)
    city = City.objects.get(slug=SLUG)
    with inside(city):
        highest = Question.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert Make(city).question().pk == highest + 1


def test_letters_that_were_not_sent_are_sent(
    deleted: Sample, run_jobs: Callable[[], int], outbox: list[Any]
) -> None:
    with connection.cursor() as cursor:
        # A letter of a city that is gone would be written from rows of the one that came.
        cursor.execute(
            "INSERT INTO public.procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', 'notices.deliver_mail',"
            """ '{"schema": "city_lubny", "mail_id": 999999999}', 'failed')"""
        )
    waiting = [job for job in deleted.done.manifest.jobs if "mail" in job["task"]]
    assert len(waiting) > 10
    done = bring(deleted)
    assert done.warnings == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.procrastinate_jobs WHERE status = 'failed'")
        assert cursor.fetchone()[0] == 0
    assert run_jobs() >= len(waiting)
    with inside(done.city):
        for model in (Notice, AccountMail):
            assert model.objects.exists()
            assert not model.objects.filter(sent_at=None, dropped_at=None).exists()
    addresses = {address for message in outbox for address in message.to}
    assert {"beat@example.org", deleted.world.invitation.email} <= addresses
    links = " ".join(str(message.body) for message in outbox)
    assert deleted.world.links["unit"] in links
    assert deleted.world.links["invitation"] in links


def test_dead_letters_stay_dead(deleted: Sample, tmp_path: Any) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["jobs"][0]["dead"] = True
        manifest["jobs"].append({**manifest["jobs"][1], "task": "notices.of_tomorrow"})

    path = rewrite(deleted.path, tmp_path / "dead.zip", change)
    done = restore_city(by=OPERATOR, path=path)
    assert "notices.of_tomorrow" in done.warnings[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, count(*) FROM public.procrastinate_jobs"
            " WHERE args->>'schema' = %s GROUP BY 1",
            [SCHEMA],
        )
        assert dict(cursor.fetchall()) == {
            "failed": 1,
            "todo": len(deleted.done.manifest.jobs) - 1,
        }


def test_under_another_slug_links_and_old_address_work(
    deleted: Sample, client_of: Callable[[Any], CityClient]
) -> None:
    done = bring(deleted, slug="lubny-nova")
    assert (done.city.slug, done.city.schema_name) == ("lubny-nova", SCHEMA)
    assert done.same_links
    assert done.lost_host == ""
    hosts = {row.domain: row.is_primary for row in Domain.objects.filter(tenant=done.city)}
    assert hosts == {"lubny-nova.bezpechne.test": True, "lubny.bezpechne.test": False}
    same(SCHEMA, deleted)
    assert opens(client_of(done.city), deleted) == GOOD


def test_another_schema_gets_new_links_and_says_so(
    deleted: Sample, client_of: Callable[[Any], CityClient], run_jobs: Callable[[], int]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    done = bring(deleted, slug="lubny-nova")
    assert done.city.schema_name == "city_lubny_nova"
    assert not done.same_links
    assert done.dead_links > 10
    links_dead = {**GOOD, "follow": 410, "unit": 410, "invitation": 410}
    assert opens(client_of(done.city), deleted) == links_dead
    with inside(done.city):
        routing = Routing.objects.get(pk=deleted.world.routing.pk)
        asker = Asker.objects.get(question=deleted.world.asked_back)
        fresh = {
            "unit": reverse("answers:page", args=[tokens.make("routing", routing.pk, 1)]),
            "follow": reverse("portal:follow", args=[tokens.make("follow", asker.pk, 1)]),
        }
        photo = Photo.objects.get(pk=deleted.world.photo.pk)
        assert default_storage.exists(str(photo.full.name))
    client = client_of(done.city)
    assert {name: client.get(url).status_code for name, url in fresh.items()} == {
        "unit": 200,
        "follow": 200,
    }


def test_another_secret_key_gets_new_links(
    deleted: Sample, settings: Any, client_of: Callable[[Any], CityClient]
) -> None:
    settings.SECRET_KEY = "another installation’s"
    done = bring(deleted)
    assert (done.same_links, done.city.schema_name) == (False, SCHEMA)
    assert done.dead_links > 10
    with inside(done.city):
        unit = tokens.make("routing", deleted.world.routing.pk, 1)
    client = client_of(done.city)
    assert client.get(reverse("answers:page", args=[unit])).status_code == 200
    assert (
        client.get(reverse("answers:page", args=[deleted.world.links["unit"]])).status_code == 410
    )
    signed = client.post(
        reverse("accounts:sign_in"),
        {"email": deleted.world.colleague.email, "password": PASSWORD},
    )
    assert signed.status_code == 302


def test_on_another_installation_the_journal_and_the_address_move(
    deleted: Sample, settings: Any
) -> None:
    forget(SLUG)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('tenants_city', 'id'))")
    settings.BASE_HOST = "other.example"
    done = bring(deleted)
    assert done.city.pk != deleted.world.city.pk
    assert done.lost_host == "lubny.bezpechne.test"
    assert Domain.objects.get(tenant=done.city).domain == "lubny.other.example"
    entries = list(JournalEntry.objects.filter(city_id=done.city.pk).order_by("id"))
    assert [entry.action for entry in entries] == ["provisioned", "restored"]
    assert entries[0].detail["brought_from"] == "bezpechne.test"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT subject_id FROM city_lubny.audit_entry WHERE subject = 'city'"
        )
        assert cursor.fetchall() == [(done.city.pk,)]


def test_own_domains_come_back_unverified_and_never_primary(deleted: Sample, tmp_path: Any) -> None:
    def change(manifest: dict[str, Any]) -> None:
        (first,) = manifest["domains"]
        first["is_primary"] = False
        manifest["domains"] += [
            {**first, "domain": "pytannia.lubny.example", "is_primary": True, "token": "abc"},
            {**first, "domain": "poltava.bezpechne.test"},
        ]

    path = rewrite(deleted.path, tmp_path / "domains.zip", change)
    done = restore_city(by=OPERATOR, path=path)
    own = Domain.objects.get(domain="pytannia.lubny.example")
    assert (own.tenant_id, own.is_primary, own.verified_at, own.token) == (
        done.city.pk,
        False,
        None,
        "abc",
    )
    assert Domain.objects.get(tenant=done.city, is_primary=True).domain == "lubny.bezpechne.test"
    assert Domain.objects.get(domain="poltava.bezpechne.test").tenant.slug == "poltava"
    assert any("poltava.bezpechne.test" in text for text in done.warnings)
    assert any("pytannia.lubny.example" in text for text in done.warnings)


@pytest.mark.parametrize(("state", "resume"), [("draft", ""), ("suspended", "active"), ("", "")])
def test_the_operator_chooses_the_state(deleted: Sample, state: str, resume: str) -> None:
    city = bring(deleted, state=state).city
    assert (city.state, city.resume_state) == (state or CityState.ACTIVE, resume)


def test_a_wrong_state_is_refused(deleted: Sample) -> None:
    with pytest.raises(RestoreRefused, match="draft or suspended"):
        bring(deleted, state="archived")


def test_an_interrupted_restore_goes_on_and_replaces_halves(deleted: Sample) -> None:
    photo = deleted.world.photo
    with inside(None):
        root = live_settings.MEDIA_ROOT / SCHEMA
    half = root / str(photo.full.name)
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    whole = root / str(photo.thumbnail.name)
    whole.write_bytes((deleted.media / SCHEMA / str(photo.thumbnail.name)).read_bytes())
    kept = whole.stat().st_ino
    bring(deleted)
    assert half.read_bytes() == (deleted.media / SCHEMA / str(photo.full.name)).read_bytes()
    assert whole.stat().st_ino == kept


def test_history_says_what_happened(deleted: Sample) -> None:
    done = bring(deleted)
    entry = JournalEntry.objects.filter(city_id=done.city.pk).latest("id")
    assert (entry.action, entry.detail["sha256"]) == ("restored", deleted.done.sha256)
    with inside(done.city), connection.cursor() as cursor:
        cursor.execute("SELECT action, subject_id FROM audit_entry ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == ("restored", done.city.pk)


def test_counts_of_the_restored_city_are_true(deleted: Sample) -> None:
    city = bring(deleted).city
    with inside(city), connection.cursor() as cursor:
        cursor.execute("SELECT state, number FROM questions_tally WHERE number > 0")
        tallied = dict(cursor.fetchall())
        cursor.execute("SELECT state, count(*) FROM questions_question GROUP BY 1")
        assert dict(cursor.fetchall()) == tallied
    assert set(tallied) == set(QuestionState.values)


def test_twice_is_once(deleted: Sample) -> None:
    bring(deleted)
    before = digest(SCHEMA, "public")
    with pytest.raises(RestoreRefused, match="is taken by"):
        bring(deleted)
    with pytest.raises(RestoreRefused, match="on this platform already"):
        bring(deleted, slug="lubny-two")
    assert digest(SCHEMA, "public") == before


def test_the_archive_is_plain_about_itself(sample: Sample) -> None:
    manifest = json.loads(sample.done.manifest.as_json())
    assert manifest["format_version"] == 1
    assert manifest["fingerprint"] == code_version().fingerprint
    assert set(manifest["left_out"]) == {
        "accounts_sign_in",
        "django_content_type",
        "django_migrations",
        "django_session",
        "mfa_authenticator",
    }
    assert sum(table["rows"] for table in manifest["tables"]) > 100
