"""Templates of cities: shipped, changed, restored, copied, deleted; and a living city as one."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bezpechne.accounts.models import User
from bezpechne.kernel.audit.models import Entry
from community.answers.models import Unit
from community.questions.models import Asker, Question, Topic
from provisioning.city_templates import actions
from provisioning.city_templates.contents import (
    MAX_TOPICS,
    Contents,
    TopicLine,
    UnitLine,
    originals,
    problems,
)
from provisioning.city_templates.queries import contents_of, listed, proposed_for, settings_of
from provisioning.models import CityTemplate, Hromada, JournalEntry
from provisioning.provisioning import OPERATOR, ProvisioningRefused, Request, provision
from tenants.models import City
from tests.factories import Inside, Make, Maker

ADMIN = ("--admin-email", "boss@example.org")
TOPIC = TopicLine(code="noise", name_uk="Шум", name_en="Noise")
LIAISON = UnitLine(kind="liaison", name_uk="Зв’язок", name_en="Liaison")
PATROL = UnitLine(kind="patrol", name_uk="Патруль", name_en="Patrol")


def contents(**fields: Any) -> Contents:
    return Contents(**{"topics": (TOPIC,), "units": (LIAISON, PATROL), **fields})


@pytest.fixture
def operator(db: None, client_of: Any) -> Any:
    """The operator's browser on the platform's host."""
    client = client_of(None)
    client.force_login(Make(None).operator)
    return client


def typed(**fields: str) -> dict[str, str]:
    return {
        "name_uk": "Моє місто",
        "name_en": "My town",
        "topics": "noise | Шум | Noise\nother | Інше | Other",
        "units": "liaison | Зв’язок | Liaison\npatrol | Патруль | Patrol",
        "wording": "",
        "zoom": "",
        **fields,
    }


@pytest.mark.parametrize("code", originals())
def test_what_is_shipped_has_no_problem_and_is_in_the_table(db: None, code: str) -> None:
    assert problems(Contents.read(originals()[code])) == []
    assert CityTemplate.objects.get(code=code).is_built_in
    assert contents_of(code) == Contents.read(originals()[code])


@pytest.mark.parametrize(
    "fields",
    [
        {"topics": ()},
        {"topics": (TOPIC, TOPIC)},
        {"topics": (TopicLine(code="Шум", name_uk="Шум", name_en="Noise"),)},
        {"topics": (TopicLine(code="noise", name_uk="", name_en="Noise"),)},
        {"topics": (TopicLine(code="noise", name_uk="Шум", name_en=""),)},
        {"topics": (TopicLine(code="noise", name_uk="Ш" * 81, name_en="Noise"),)},
        {
            "topics": tuple(
                TopicLine(code=f"t{number}", name_uk=f"Т{number}", name_en=f"T{number}")
                for number in range(MAX_TOPICS + 1)
            )
        },
        {"units": ()},
        {"units": (PATROL,)},
        {"units": (LIAISON, UnitLine(kind="liaison", name_uk="Інший", name_en="Other"))},
        {"units": (LIAISON, UnitLine(kind="navy", name_uk="Флот", name_en="Navy"))},
        {"units": (LIAISON, PATROL, PATROL)},
        {"units": (LIAISON, UnitLine(kind="patrol", name_uk="Патруль", name_en=""))},
        {"wording": {"lead": {"uk": "Питайте", "en": ""}}},
        {"wording": {"Привіт": {"uk": "Питайте", "en": "Ask"}}},
    ],
)
def test_each_fault_has_one_sentence_and_is_not_stored(db: None, fields: dict[str, Any]) -> None:
    wrong = contents(**fields)
    assert len(problems(wrong)) == 1
    with pytest.raises(actions.TemplateRefused):
        actions.copy(by=OPERATOR, contents=wrong, name_uk="Хибний", name_en="Wrong")
    assert CityTemplate.objects.count() == len(originals())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("poltava", "oblast_centre"),
        ("kyiv", "oblast_centre"),
        ("lutsk", "oblast_centre"),
        ("uzhhorod", "oblast_centre"),
        ("dnipro", "oblast_centre"),
        ("kropyvnytskyi", "oblast_centre"),
        ("lubny", "town"),
        ("ahronomichne", "rural_hromada"),
    ],
)
def test_the_template_that_fits_is_proposed(slug: str, code: str) -> None:
    assert proposed_for(Hromada.objects.get(slug=slug)) == code


@pytest.mark.django_db
def test_the_command_takes_a_template(inside: Inside) -> None:
    call_command("provision_city", "Лубни", *ADMIN, "--template", "rural_hromada", "--json")
    city = City.objects.get(slug="lubny")
    assert (city.template_code, city.zoom) == ("rural_hromada", 11)
    with inside(city):
        assert Topic.objects.filter(code="dumping").exists()
        assert Unit.objects.get(is_liaison=True).name_sort
    with pytest.raises(CommandError):
        call_command("provision_city", "Миргород", *ADMIN, "--template", "village", "--json")
    assert not City.objects.filter(slug="myrhorod").exists()


@pytest.mark.django_db
def test_defaults_cost_the_same_for_any_length(django_assert_num_queries: Any) -> None:
    """Four statements: one a table."""
    from django.db import transaction  # noqa: PLC0415 - here alone
    from django_tenants.utils import tenant_context  # noqa: PLC0415 - same

    from provisioning.provisioning import _seed  # noqa: PLC0415 - what is measured

    city = City.objects.get(slug="poltava")
    with transaction.atomic(), tenant_context(city):
        Topic.objects.all().delete()
        Unit.objects.all().delete()
        from community.desk.models import Phrase  # noqa: PLC0415 - same
        from community.questions.models import Tally  # noqa: PLC0415 - same

        Tally.objects.all().delete()
        Phrase.objects.all().delete()
        with django_assert_num_queries(4):
            _seed(Contents.read(originals()["oblast_centre"]))
        transaction.set_rollback(True)


# --- A living city ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_city_like_another_has_its_settings_and_none_of_its_people(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    made.question("answered", text="Таємне питання про Одарку Секретну та її будинок")
    made.invitation("secret-invitee@example.org")
    patrol = made.unit("Патруль Полтави", "secret-patrol@example.org")
    with inside(alpha):
        patrol.phone, patrol.hours = "0532 11 22 33", "Черговий Петренко, 9–18"
        patrol.save()
        Unit(name_uk="Закритий підрозділ", is_active=False).save()
        Topic.objects.filter(code="trade").update(is_active=False)
        Topic.objects.filter(code="noise").update(name_uk="Гучні сусіди")
    alpha.accent_light, alpha.accent_dark = "#7A1FA2", "#E1BEE7"
    alpha.contact_email, alpha.contact_phone = "secret-boss@example.org", "0532 99 88 77"
    alpha.wording = {
        "lead": {"uk": "Питайте поліцію Полтави", "en": "Ask the police of Poltava"},
        "contacts": {"uk": "Запитайте Петра Секретного", "en": "Ask Petro Secretnyi"},
        "help": {"uk": "Пишіть на secret-help@example.org", "en": "Write to us"},
        "call": {"uk": "Дзвоніть +38 (0532) 55-66-77", "en": "Call us"},
    }
    alpha.save()
    city = provision(
        Request(hromada=Hromada.objects.get(slug="lubny"), like=City.objects.get(pk=alpha.pk))
    ).city
    assert (city.accent_light, city.accent_dark) == ("#7A1FA2", "#E1BEE7")
    assert city.wording == {"lead": alpha.wording["lead"]}
    assert (city.contact_email, city.contact_phone) == ("", "")
    assert city.bounds != alpha.bounds
    with inside(city):
        names = set(Topic.objects.values_list("name_uk", flat=True))
        assert "Гучні сусіди" in names
        assert "Стихійна торгівля" not in names
        units = list(Unit.objects.values_list("name_uk", "email", "phone", "hours"))
        assert ("Патруль Полтави", "", "", "") in units
        assert all(not (email or phone or hours) for _name, email, phone, hours in units)
        assert "Закритий підрозділ" not in {unit[0] for unit in units}
        assert Unit.objects.filter(is_liaison=True).count() == 1
        for model in (User, Question, Asker):
            assert not model.objects.exists()
        everything = str(list(Entry.objects.values())) + str(units) + str(city.__dict__)
    assert "secret" not in everything.lower()
    assert "Одарк" not in everything


@pytest.mark.django_db
def test_any_unit_may_be_the_liaison_of_the_living_city(
    alpha: City, make: Maker, inside: Inside
) -> None:
    from community.answers.actions import units  # noqa: PLC0415 - here alone

    patrol = make(alpha).unit()
    with inside(alpha):
        units.make_liaison(by=make(alpha).administrator.actor, unit=patrol)
    found = settings_of(City.objects.get(pk=alpha.pk))
    assert problems(found) == []
    (liaison,) = (line for line in found.units if line.kind == "liaison")
    assert liaison.name_uk == "Патрульна поліція"


# --- Actions and pages ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_built_in_one_is_changed_restored_and_never_lost(operator: Any) -> None:
    row = CityTemplate.objects.get(code="town")
    assert operator.post("/console/templates/town/", typed()).status_code == 302
    row.refresh_from_db()
    assert (row.name_uk, len(row.topics)) == ("Моє місто", 2)
    assert [item.changed for item in listed() if item.row.code == "town"] == [True]
    assert operator.post("/console/templates/town/delete/").status_code == 302
    assert CityTemplate.objects.filter(code="town").exists()
    assert operator.post("/console/templates/town/restore/").status_code == 302
    assert contents_of("town") == Contents.read(originals()["town"])
    assert [item.changed for item in listed() if item.row.code == "town"] == [False]
    assert {"template_changed", "template_restored"} <= set(
        JournalEntry.objects.values_list("action", flat=True)
    )
    # Even a row that somebody deleted by hand leaves a city its defaults, and comes back.
    row.delete()
    assert contents_of("town") == Contents.read(originals()["town"])
    assert actions.restore(by=OPERATOR, code="town").is_built_in


@pytest.mark.django_db
def test_a_copy_lives_until_it_is_deleted_or_for_good_once_used(operator: Any) -> None:
    names = {"name_uk": "Курорт", "name_en": "Resort"}
    for expected in ("resort", "resort_2"):
        response = operator.post("/console/templates/town/copy/", names)
        assert response["Location"] == f"/console/templates/{expected}/"
    provision(Request(hromada=Hromada.objects.get(slug="lubny"), template="resort"))
    operator.post("/console/templates/resort/delete/")
    operator.post("/console/templates/resort_2/delete/")
    assert CityTemplate.objects.filter(code="resort").exists()
    assert not CityTemplate.objects.filter(code="resort_2").exists()
    page = operator.get("/console/templates/").content.decode()
    assert "/console/templates/resort/" in page
    assert "/console/templates/resort/delete/" not in page
    operator.post("/console/templates/resort/restore/")
    assert len(contents_of("resort").topics) == len(originals()["town"]["topics"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"name_uk": ""},
        {"name_en": " "},
        {"topics": ""},
        {"topics": "noise | Шум"},
        {"topics": "noise | Шум | Noise\nnoise | Гамір | Din"},
        {"topics": "noise | Шум |"},
        {"units": "patrol | Патруль | Patrol"},
        {"units": "liaison | Зв’язок | Liaison | one more"},
        {"wording": "lead | Питайте"},
        {"wording": "lead | Питайте | Ask\nlead | Кажіть | Say"},
        {"zoom": "99"},
    ],
)
def test_a_wrong_form_comes_back_as_it_was_typed(operator: Any, fields: dict[str, str]) -> None:
    sent = typed(**fields)
    response = operator.post("/console/templates/town/", sent)
    assert response.status_code == 422
    assert response.context["form"].errors
    for name, value in sent.items():
        assert response.context["form"][name].value() == value
    assert contents_of("town") == Contents.read(originals()["town"])


@pytest.mark.django_db
def test_the_form_of_a_template_sends_back_what_it_shows(operator: Any) -> None:
    shown = operator.get("/console/templates/rural_hromada/").context["form"]
    sent = {field.name: field.value() for field in shown}
    assert operator.post("/console/templates/rural_hromada/", sent).status_code == 302
    assert contents_of("rural_hromada") == Contents.read(originals()["rural_hromada"])


@pytest.mark.django_db
def test_the_list_costs_the_same_with_more_templates_and_cities(
    operator: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection  # noqa: PLC0415 - here alone
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - same

    operator.get("/console/templates/")
    with CaptureQueriesContext(
        connection,
    ) as before:
        operator.get("/console/templates/")
    for number in range(3):
        actions.copy(
            by=OPERATOR, contents=contents(), name_uk=f"Копія {number}", name_en=f"Copy {number}"
        )
    with CaptureQueriesContext(connection) as after:
        operator.get("/console/templates/")
    assert len(after) == len(before)


@pytest.mark.django_db
def test_only_operators_write_templates(make: Maker, alpha: City) -> None:
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415 - here alone

    boss = make(alpha).administrator.actor
    with pytest.raises(PermissionDenied):
        actions.copy(by=boss, contents=contents(), name_uk="Чужий", name_en="Alien")
    with pytest.raises(PermissionDenied):
        actions.restore(by=boss, code="town")
    with pytest.raises(PermissionDenied):
        provision(Request(hromada=Hromada.objects.get(slug="lubny")), by=boss)
    with pytest.raises(ProvisioningRefused):
        provision(Request(hromada=Hromada.objects.get(slug="lubny"), template="nothing"))
