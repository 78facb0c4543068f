"""A city by the wizard: from a name to the readiness list, with everything typed wrong on the way."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bezpechne.accounts.models import AccountMail, Invitation
from bezpechne.kernel import clock
from community.questions.models import Topic
from provisioning.gazetteer.boundaries import Outline
from provisioning.models import Hromada, JournalEntry, ProvisioningRun
from provisioning.provisioning import Request, provision
from provisioning.wizard.searching import crimea, search
from provisioning.wizard.slugs import slug_problem
from tenants.models import City, Domain
from tests.conftest import CityClient
from tests.factories import Inside, Make

LUBNY = "UA53040030000088898"
PAGE = f"/console/new/{LUBNY}/"
SQUARE = [[32.9, 49.9], [33.2, 49.9], [33.2, 50.1], [32.9, 50.1], [32.9, 49.9]]
OWN = {"type": "Polygon", "coordinates": [SQUARE]}
SWAPPED = {"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE]]}
BOW = {"type": "Polygon", "coordinates": [[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]]}


@pytest.fixture
def operator(db: None, client_of: Any) -> CityClient:
    """The operator's browser on the platform's host."""
    client: CityClient = client_of(None)
    client.force_login(Make(None).operator)
    return client


def shown(operator: CityClient, page: str = PAGE) -> dict[str, Any]:
    """What the form would send as it is."""
    form = operator.get(page).context["form"]
    fields = {field.name: field.value() for field in form}
    return {name: value for name, value in fields.items() if value not in (None, False, "")}


def step_two(operator: CityClient, page: str = PAGE, **fields: Any) -> Any:
    """The form sent; a field of None is left out."""
    sent = {**shown(operator, page), **fields}
    return operator.post(page, {name: value for name, value in sent.items() if value is not None})


def make_city(operator: CityClient, **fields: Any) -> City:
    response = step_two(operator, **fields)
    assert response.status_code == 302, response.context["form"].errors
    assert operator.get(response["Location"]).status_code == 200
    assert operator.post(response["Location"]).status_code == 302
    return City.objects.get(katottg=LUBNY)


# --- Which hromada ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "how", "first"),
    [
        ("Лубни", "exact", "Лубни"),
        ("лубенська громада", "exact", "Лубни"),
        ("Lubny", "exact", "Лубни"),
        (LUBNY.lower(), "exact", "Лубни"),
        (f"  {LUBNY} ", "exact", "Лубни"),
        ("Кам'янець-Подільський", "exact", "Кам’янець-Подільський"),
        ("КАМ`ЯНЕЦЬ - ПОДІЛЬСЬКИЙ", "exact", "Кам’янець-Подільський"),
        ("Червоноград", "renamed", "Шептицький"),
        ("Дніпропетровськ", "renamed", "Дніпро"),
        ("Лубенський район", "raion", "Гребінка"),
        ("лубенський", "raion", "Гребінка"),
        ("Луб", "begins", "Лубни"),
        ("Полтвва", "nearest", "Полтава"),
        ("Xyzzyqwerty", "none", None),
        ("'; DROP TABLE", "none", None),
        ("", "none", None),
    ],
)
def test_a_query_is_understood(query: str, how: str, first: str | None) -> None:
    answer = search(query)
    names = [found.place.centre_uk.replace("'", "’") for found in answer.found]
    assert answer.how == how
    assert (first in names) if first else not names


@pytest.mark.django_db
def test_several_of_one_name_are_shown_with_oblast_and_raion(operator: CityClient) -> None:
    text = operator.get("/console/new/", {"q": "Миколаївка"}).content.decode()
    for word in ("Одеська", "Сумська", "Донецька", "Березівський"):
        assert word in text
    assert text.count("/console/new/UA") >= 6
    assert City.objects.count() == 2


@pytest.mark.django_db
def test_as_one_types_only_the_list_comes(operator: CityClient) -> None:
    whole = operator.get("/console/new/", {"q": "Луб"}).content.decode()
    part = operator.get("/console/new/", {"q": "Луб"}, headers={"hx-request": "true"})
    assert "<html" in whole
    assert "<html" not in part.content.decode()
    assert PAGE in part.content.decode()


@pytest.mark.django_db
def test_a_city_that_exists_is_linked_and_not_offered(operator: CityClient) -> None:
    text = operator.get("/console/new/", {"q": "Полтава"}).content.decode()
    assert "/console/cities/poltava/ready/" in text
    assert "http://poltava.bezpechne.test:8000" in text
    assert "/console/new/UA53080370000025447/" not in text
    response = operator.get("/console/new/UA53080370000025447/")
    assert response["Location"] == "/console/cities/poltava/ready/"


@pytest.mark.django_db
def test_the_list_costs_the_same_for_one_and_for_many() -> None:
    from django.db import connection  # noqa: PLC0415 - here alone
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - same

    counts = []
    search("Полтава")
    for query in ("Полтава", "По"):
        with CaptureQueriesContext(connection) as queries:
            found = search(query).found
        assert any(row.city for row in found)
        counts.append((len(queries), len(found) > 1))
    assert counts == [(2, False), (2, True)]


@pytest.mark.django_db
def test_crimea_is_offered_on_request_and_made_after_a_yes(operator: CityClient) -> None:
    yalta = next(place for place in crimea() if place.centre_uk == "Ялта")
    without = operator.get("/console/new/", {"q": "Ялта"}).content.decode()
    assert yalta.code not in without
    asked = operator.get("/console/new/", {"q": "Ялта", "occupied": "1"}).content.decode()
    assert yalta.code in asked
    page = f"/console/new/{yalta.code}/"
    assert step_two(operator, page).status_code == 422
    response = step_two(operator, page, occupied_ok="on")
    assert operator.post(response["Location"]).status_code == 302
    city = City.objects.get(katottg=yalta.code)
    assert (city.slug, city.centre, city.bounds) == (yalta.slug, None, None)
    # It is no row of the gazetteer: a bulk run over the table does not meet it.
    assert not Hromada.objects.filter(pk=yalta.code).exists()


@pytest.mark.django_db
def test_an_oblast_that_is_occupied_in_part_needs_a_yes_too(operator: CityClient) -> None:
    page = f"/console/new/{Hromada.objects.get(slug='kherson').code}/"
    response = step_two(operator, page)
    assert set(response.context["form"].errors) == {"occupied_ok"}
    assert step_two(operator, page, occupied_ok="on").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["UA00", "UA99999999999999999", "x"])
def test_a_code_that_is_nobody_s_has_no_page(operator: CityClient, code: str) -> None:
    assert operator.get(f"/console/new/{code}/").status_code == 404


# --- The name in the address ------------------------------------------------------------------------


WRONG_SLUGS = (
    *("", "www", "api", "console", "poltava", "xn--80ak6aa92e", "lubny--city", "-lubny", "lubny-"),
    *("1lubny", "Lubny", "lub_ny", "lub.ny", "lubny:8000", "10.0.0.1", "lubny\n", "l" * 41),
    *("l" * 63, "l" * 64, 'x"; DROP SCHEMA public; --'),
)


@pytest.mark.django_db
def test_a_wrong_slug_has_a_sentence(operator: CityClient) -> None:
    assert all(map(slug_problem, WRONG_SLUGS))
    assert slug_problem("l" * 40) == ""
    for slug in ("www", "l" * 64):
        assert set(step_two(operator, slug=slug).context["form"].errors) == {"slug"}


@pytest.mark.django_db
def test_a_slug_is_judged_while_it_is_typed(operator: CityClient) -> None:
    def said(slug: str) -> str:
        return str(operator.get("/console/new/slug/", {"slug": slug}).content.decode())

    assert "lubny.bezpechne.test" in said("lubny")
    assert "field__error" in said("poltava")
    assert "poltava-2" in said("poltava")
    assert "shcherbani" in said("Щербані")


@pytest.mark.django_db
def test_a_host_name_that_another_city_keeps_is_taken(alpha: City) -> None:
    Domain(domain="lubny.bezpechne.test", tenant=alpha, is_primary=False).save()
    assert "lubny-2" in slug_problem("lubny")


# --- Everything on one page -------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_city_is_made_as_it_was_typed(
    operator: CityClient, inside: Inside, run_jobs: Any, outbox: list[Any]
) -> None:
    launch = clock.today() + timedelta(days=30)
    city = make_city(
        operator,
        name_uk="Лубни над Сулою",
        name_en="Lubny on Sula",
        slug="lubny-sula",
        west="32.85",
        east="33.15",
        south="49.95",
        north="50.10",
        centre_lat="50.02",
        centre_lon="33.00",
        bounds_checked="on",
        contact_email="rada@lubny.example",
        contact_phone="05361 1 22 33",
        police_site_url="police.lubny.example/hromadianam",
        admin_name="Ірина Голова",
        admin_email="Iryna@Lubny.example",
        launch_on=launch.isoformat(),
        template="rural_hromada",
    )
    assert (city.slug, city.name_uk, city.name_en) == (
        "lubny-sula",
        "Лубни над Сулою",
        "Lubny on Sula",
    )
    assert (city.west, city.north, city.centre) == (32.85, 50.10, (50.02, 33.00))
    assert (city.state, city.launch_on) == ("trial", launch)
    assert city.trial_ends_on == clock.today() + timedelta(days=90)
    assert city.contact_email == "rada@lubny.example"
    assert city.police_site_url == "https://police.lubny.example/hromadianam"
    assert city.template_code == "rural_hromada"
    with inside(city):
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.name) == ("iryna@lubny.example", "Ірина Голова")
        assert Topic.objects.filter(code="dumping").exists()
    actions = JournalEntry.objects.filter(city_id=city.pk).values_list("action", flat=True)
    assert set(actions) == {"provisioned", "bounds_checked"}
    journal = str(list(JournalEntry.objects.filter(city_id=city.pk).values()))
    assert "iryna" not in journal.lower()
    assert JournalEntry.objects.filter(actor_id=Make(None).operator.pk, city_id=city.pk).exists()
    run_jobs()
    assert [message.to for message in outbox] == [["iryna@lubny.example"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name_uk": None}, {"name_uk"}),
        ({"name_en": " "}, {"name_en"}),
        ({"west": "33.5", "east": "32.5"}, {"east"}),
        ({"south": "50.5", "north": "49.5", "centre_lat": "50"}, {"north"}),
        ({"west": None}, {"west"}),
        ({"centre_lat": None}, {"centre_lat"}),
        ({"centre_lat": "49.0"}, {"centre_lat"}),
        ({"west": "2.3"}, {"west"}),
        ({"west": "NaN"}, {"west"}),
        ({"west": "1e999"}, {"west"}),
        ({"west": "22.5", "east": "39"}, {"west"}),
        ({"state": "archived"}, {"state"}),
        ({"state": "trial", "trial_ends_on": None}, {"trial_ends_on"}),
        ({"trial_ends_on": "2020-01-01"}, {"trial_ends_on"}),
        ({"trial_ends_on": "колись"}, {"trial_ends_on"}),
        ({"launch_on": "2020-01-01"}, {"launch_on"}),
        ({"admin_email": "не адреса"}, {"admin_email"}),
        ({"contact_email": "a@"}, {"contact_email"}),
        ({"police_site_url": "javascript:alert(1)"}, {"police_site_url"}),
        ({"template": "nothing"}, {"template"}),
        ({"like": "Атлантида"}, {"like"}),
        ({"outline_from": "own"}, {"outline_text"}),
        ({"outline_from": "gazetteer"}, {"outline_from"}),
        ({"key": "not a key"}, {"key"}),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_stays(
    operator: CityClient, fields: dict[str, Any], wrong: set[str]
) -> None:
    sent = {**shown(operator), "contact_phone": "05361 1 22 33", **fields}
    sent = {name: value for name, value in sent.items() if value is not None}
    response = operator.post(PAGE, sent)
    assert response.status_code == 422
    form = response.context["form"]
    assert set(form.errors) == wrong
    for name, value in sent.items():
        assert str(form[name].value()) == str(value)
    assert City.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["active", "draft"])
def test_what_is_no_trial_has_no_end(operator: CityClient, state: str) -> None:
    city = make_city(operator, state=state, trial_ends_on=None)
    assert (city.state, city.trial_ends_on) == (state, None)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["poltava", "Полтава"])
def test_with_the_settings_of_a_living_city(
    operator: CityClient, inside: Inside, name: str
) -> None:
    with inside(City.objects.get(slug="poltava")):
        Topic.objects.exclude(code__in=["noise", "other"]).update(is_active=False)
    city = make_city(operator, like=name)
    with inside(city):
        assert set(Topic.objects.values_list("code", flat=True)) == {"noise", "other"}
    entry = JournalEntry.objects.get(city_id=city.pk, action="provisioned")
    assert entry.detail["like"] == "poltava"


# --- The outline ------------------------------------------------------------------------------------


def file(geometry: Any, name: str = "lubny.geojson") -> SimpleUploadedFile:
    content = geometry if isinstance(geometry, bytes) else json.dumps(geometry).encode()
    return SimpleUploadedFile(name, content)


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["file", "text"])
def test_an_own_outline_is_taken_with_its_bounds(operator: CityClient, way: str) -> None:
    given = {"outline_file": file(OWN)} if way == "file" else {"outline_text": json.dumps(OWN)}
    city = make_city(operator, outline_from="own", **given)
    assert city.outline is not None
    assert (city.west, city.south, city.east, city.north) == (32.9, 49.9, 33.2, 50.1)
    assert city.shape.contains(50.0, 33.0)
    assert not city.shape.contains(50.3, 33.0)


@pytest.mark.django_db
def test_swapped_axes_are_turned_only_after_a_yes_and_the_file_is_kept(
    operator: CityClient,
) -> None:
    key = shown(operator)["key"]
    response = step_two(operator, key=key, outline_from="own", outline_file=file(SWAPPED))
    assert set(response.context["form"].errors) == {"outline_text"}
    text = response.content.decode()
    assert 'name="swap_axes"' in text
    assert "lubny.geojson" in text
    response = step_two(operator, key=key, outline_from="own", swap_axes="on")
    assert response.status_code == 302
    operator.post(response["Location"])
    assert City.objects.get(katottg=LUBNY).west == 32.9


@pytest.mark.django_db
def test_a_crossing_is_mended_only_after_a_yes(operator: CityClient) -> None:
    text = json.dumps(BOW)
    response = step_two(operator, outline_from="own", outline_text=text)
    assert set(response.context["form"].errors) == {"outline_text"}
    assert 'name="repair"' in response.content.decode()
    response = step_two(operator, outline_from="own", outline_text=text, repair="on")
    look = operator.get(response["Location"])
    assert len(look.context["notes"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\x00", b"\xff\xfe\x00", b"{}", b" " * (1024 * 1024 + 1)]
)
def test_a_file_that_is_no_outline_is_told_so(operator: CityClient, content: bytes) -> None:
    response = step_two(operator, outline_from="own", outline_file=file(content))
    assert response.status_code == 422
    assert "outline_text" in response.context["form"].errors


@pytest.mark.django_db
def test_the_gazetteer_s_outline_is_proposed_where_it_is_loaded(operator: CityClient) -> None:
    outline = Outline(OWN, (32.9, 49.9, 33.2, 50.1), (33.0, 50.0))
    Hromada.objects.filter(pk=LUBNY).update(
        outline=outline.geometry, west=32.9, south=49.9, east=33.2, north=50.1
    )
    city = make_city(operator)
    assert (city.outline, city.west) == (OWN, 32.9)


@pytest.mark.django_db
def test_bounds_that_cut_the_outline_are_told_at_the_last_look(operator: CityClient) -> None:
    response = step_two(
        operator,
        outline_from="own",
        outline_text=json.dumps(OWN),
        west="32.95",
        south="49.95",
        east="33.15",
        north="50.05",
    )
    assert len(operator.get(response["Location"]).context["notes"]) == 1


# --- Made once --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sending_the_last_look_twice_gives_one_city_and_one_letter(
    operator: CityClient, inside: Inside
) -> None:
    response = step_two(operator, admin_email="boss@lubny.example")
    look = response["Location"]
    ends = [operator.post(look)["Location"] for _ in range(3)]
    assert set(ends) == {"/console/cities/lubny/ready/"}
    assert operator.get(look)["Location"] == ends[0]
    city = City.objects.get(katottg=LUBNY)
    with inside(city):
        assert AccountMail.objects.count() == 1
    key = UUID(look.split("/")[-2])
    run = ProvisioningRun.objects.get(request_key=str(key))
    assert [name for name, _took in run.steps] == ["city", "tables", "defaults", "administrator"]


@pytest.mark.django_db
def test_of_two_operators_the_second_is_told_that_the_first_was_faster(
    operator: CityClient, client_of: Any
) -> None:
    second = client_of(None)
    second.force_login(Make(None).user("operator", "second@example.org"))
    mine = step_two(operator, slug="lubny-one")["Location"]
    theirs = step_two(second, slug="lubny-two")["Location"]
    operator.post(mine)
    response = second.post(theirs, follow=True)
    assert City.objects.get(katottg=LUBNY).slug == "lubny-one"
    assert response.redirect_chain[-1][0] == "/console/cities/lubny-one/ready/"
    assert list(response.context["messages"])


@pytest.mark.django_db
def test_a_slug_that_was_taken_meanwhile_brings_the_form_back_filled_in(
    operator: CityClient,
) -> None:
    look = step_two(operator, contact_phone="05361 1 22 33")["Location"]
    provision(Request(hromada=Hromada.objects.get(slug="myrhorod"), slug="lubny"))
    back = operator.post(look)["Location"]
    form = operator.get(back).context["form"]
    assert set(form.errors) == {"slug"}
    assert form["contact_phone"].value() == "05361 1 22 33"


@pytest.mark.django_db
def test_a_draft_is_its_operator_s_own(operator: CityClient, client_of: Any) -> None:
    look = step_two(operator, admin_email="secret@lubny.example")["Location"]
    other = client_of(None)
    other.force_login(Make(None).user("operator", "second@example.org"))
    response = other.get(look)
    assert response.status_code == 410
    assert "secret" not in response.content.decode()
    assert other.post(look).status_code == 410
    assert not City.objects.filter(katottg=LUBNY).exists()


@pytest.mark.django_db
def test_nothing_is_in_the_database_before_the_last_step(operator: CityClient) -> None:
    step_two(operator)
    assert City.objects.count() == 2
    assert not ProvisioningRun.objects.filter(katottg=LUBNY).exists()
