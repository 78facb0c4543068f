"""Units from a table: odd files, a look before, line-by-line errors, and back as a table."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel.audit.models import Entry
from community.answers.models import Unit, UnitFile
from community.answers.unit_files import MAX_ROWS
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

SEND = "/desk/units/import/"
TABLE = """Назва;Вид;Ел. пошта;У складі;Сайт
Відділ поліції № 1;Районне управління поліції;vp1@police.example;;
Сектор «Центр»;Дільничні офіцери поліції;;Відділ поліції № 1;police.example/centr
"""


def send(client: CityClient, content: bytes | str, name: str = "units.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(SEND, {"file": SimpleUploadedFile(name, data)})


def looked_at(client: CityClient, content: bytes | str) -> Any:
    """The preview."""
    response = send(client, content)
    assert response.status_code == 302, response.context["form"].errors
    return client.get(response["Location"])


def taken(client: CityClient, content: bytes | str) -> None:
    page = looked_at(client, content)
    assert client.post(page.request["PATH_INFO"]).status_code == 302


def names(city: City, inside: Inside) -> set[str]:
    with inside(city):
        return set(Unit.objects.values_list("name_uk", flat=True))


def unit(city: City, inside: Inside, name: str) -> Unit:
    with inside(city):
        return Unit.objects.select_related("parent").get(name_uk=name)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16"], ids=lambda name: name
)
@pytest.mark.parametrize("separator", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_every_encoding_and_separator(
    boss: CityClient, alpha: City, inside: Inside, encoding: str, separator: str
) -> None:
    taken(boss, TABLE.replace(";", separator).encode(encoding))
    sector = unit(alpha, inside, "Сектор «Центр»")
    assert sector.parent is not None
    assert sector.parent.name_uk == "Відділ поліції № 1"
    assert (sector.kind, sector.web) == ("beat_officers", "https://police.example/centr")


def test_nothing_is_written_before_it_is_confirmed(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    before = names(alpha, inside)
    page = looked_at(boss, TABLE)
    assert len(page.context["plan"].new) == 2
    assert names(alpha, inside) == before
    boss.post(f"{page.request['PATH_INFO']}drop/")
    assert names(alpha, inside) == before
    with inside(alpha):
        assert not UnitFile.objects.exists()


def test_sent_twice_it_is_written_once(boss: CityClient, alpha: City, inside: Inside) -> None:
    page = looked_at(boss, TABLE)
    path = page.request["PATH_INFO"]
    assert boss.post(path).status_code == 302
    assert boss.post(path).status_code == 404
    again = looked_at(boss, TABLE)
    assert (again.context["plan"].same, again.context["plan"].lines) == (2, 0)
    with inside(alpha):
        assert Unit.objects.filter(name_uk="Відділ поліції № 1").count() == 1
        assert Entry.objects.filter(action="units_imported").count() == 1


def test_a_known_name_is_changed_and_a_known_address_renamed(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    first, second = (
        make(alpha).unit("Патруль", "a@example.org"),
        make(alpha).unit("Старі", "b@example.org"),
    )
    text = "Name;E-mail;Phone\n  ПАТРУЛЬ ;new@example.org;102\nНові;B@example.org;\n"
    plan = looked_at(boss, text).context["plan"]
    assert [step.by_email for step in plan.changed] == [False, True]
    assert not plan.new
    taken(boss, text)
    with inside(alpha):
        first.refresh_from_db()
        second.refresh_from_db()
    assert (first.email, first.phone) == ("new@example.org", "102")
    assert second.name_uk == "Нові"


def test_a_parent_is_found_by_its_old_and_by_its_new_name(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    old = make(alpha).unit("Старі", "b@example.org")
    moved = make(alpha).unit("Рухомі", "m@example.org")
    taken(
        boss,
        "Назва;Ел. пошта;У складі\nПерші;;Старі\nНові;b@example.org;\nДругі;;Нові\n"
        "Треті;;Другі\nРухомі;;Треті\n",
    )
    assert unit(alpha, inside, "Нові").pk == old.pk
    assert unit(alpha, inside, "Перші").parent_id == old.pk
    assert unit(alpha, inside, "Другі").parent_id == old.pk
    third = unit(alpha, inside, "Треті")
    assert third.parent is not None
    assert third.parent.name_uk == "Другі"
    assert unit(alpha, inside, "Рухомі").parent_id == third.pk
    assert unit(alpha, inside, "Рухомі").pk == moved.pk
    # Made without the model: its defaults hold.
    assert (third.link_scope, third.is_liaison, third.is_active) == ("question", False, True)
    assert third.created_at is not None


def test_pages_say_that_a_table_takes_its_time(boss: CityClient) -> None:
    assert 'role="status"' in boss.get(SEND).text.split("data-waiting=")[1]
    assert 'role="status"' in looked_at(boss, TABLE).text.split("data-waiting=")[1]


def test_an_empty_cell_leaves_what_there_is(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    make(alpha).unit("Патруль", "a@example.org")
    taken(boss, "Назва,Ел. пошта,Телефон\nПатруль,,102\n")
    assert unit(alpha, inside, "Патруль").email == "a@example.org"


def test_each_wrong_line_is_told_and_the_right_ones_are_taken(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    text = """Назва;Вид;Ел. пошта;У складі;Активний
Добрі;Патрульна поліція;ok@example.org;;так
;Патрульна поліція;;;
Криві;Кіт;;;
Адресні;;не адреса;;
Сироти;;;Ніхто;
Діти сиріт;;;Сироти;
Добрі;;;;
Вагання;;;;може
Коло 1;;;Коло 2;
Коло 2;;;Коло 1;
Сам;;;Сам;
Зайві;;;;так;ще
"""
    plan = looked_at(boss, text).context["plan"]
    assert [fault.line for fault in plan.faults] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    taken(boss, text)
    assert "Добрі" in names(alpha, inside)
    assert not {"Криві", "Сироти", "Коло 1", "Сам"} & names(alpha, inside)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "no text"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        ("привіт".encode(), "no table"),
        ("Назва;Вид\n".encode(), "no line below"),
        ("Вид;Телефон\nx;y\n".encode(), "No column"),
        (('Назва;Вид\n"' + "ї" * 140_000).encode(), "quotation mark"),
        (("Назва;Вид\n" + "x;\n" * (MAX_ROWS + 1)).encode(), "50,000"),
    ],
    ids=["empty", "nul", "xlsx", "pdf", "words", "headings", "nameless", "quote", "many"],
)
def test_a_file_that_is_no_table_of_units(
    boss: CityClient, alpha: City, inside: Inside, content: bytes, word: str
) -> None:
    response = boss.post(f"/en{SEND}", {"file": SimpleUploadedFile("x.csv", content)})
    assert response.status_code == 422
    assert word in response.text
    with inside(alpha):
        assert not UnitFile.objects.exists()


def test_formulas_go_out_harmless_and_come_back_as_they_were(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    made = make(alpha).unit('=HYPERLINK("http://evil.example")', "a@example.org")
    with inside(alpha):
        Unit.objects.filter(pk=made.pk).update(phone="+380 44 123 45 67")
    content = boss.get("/desk/units/units.csv").getvalue()
    rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    row = next(row for row in rows if row["Ел. пошта"] == "a@example.org")
    assert row["Назва українською"].startswith("'=")
    assert row["Телефон"] == "'+380 44 123 45 67"
    plan = looked_at(boss, content).context["plan"]
    assert (plan.lines, plan.faults) == (0, [])
    assert plan.same == len(rows)


def test_the_liaison_is_not_switched_off_by_a_table(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    with inside(alpha):
        name = Unit.objects.get(is_liaison=True).name_uk
    plan = looked_at(boss, f"Назва;Активний\n{name};ні\n").context["plan"]
    assert len(plan.faults) == 1


def test_files_and_units_of_another_city_are_not_there(
    boss: CityClient, alpha: City, beta: City, client_of: Any, make: Maker, inside: Inside
) -> None:
    other = client_of(beta)
    with inside(beta):
        other.force_login(make(beta).administrator)
    make(beta).unit("Тільки в Тернополі", "te@example.org")
    path = looked_at(other, TABLE).request["PATH_INFO"]
    assert boss.get(path).status_code == 404
    assert boss.post(path).status_code == 404
    plan = looked_at(boss, "Назва;Ел. пошта\nТільки в Тернополі;te@example.org\n").context["plan"]
    assert len(plan.new) == 1
    assert "Тернополі" not in boss.get("/desk/units/units.csv").getvalue().decode()


def test_a_moderator_sends_and_gets_no_table(moderator: CityClient) -> None:
    assert send(moderator, TABLE).status_code == 403
    assert moderator.get("/desk/units/units.csv").status_code == 403


def test_units_stand_as_a_tree_and_filters_make_a_list(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    taken(boss, TABLE)
    lines = boss.get("/desk/units/").context["found"].lines
    depths = {line.unit.name_uk: line.depth for line in lines}
    assert (depths["Відділ поліції № 1"], depths["Сектор «Центр»"]) == (0, 1)
    assert lines[0].unit.is_liaison
    found = boss.get("/desk/units/?text=сектор «ц").context["found"]
    assert [line.unit.name_uk for line in found.lines] == ["Сектор «Центр»"]
    assert boss.get("/desk/units/?text=щосьінше").context["found"].lines == []
    mute = boss.get("/desk/units/?state=mute&kind=beat_officers").context["found"].lines
    assert "Сектор «Центр»" in {line.unit.name_uk for line in mute}


def test_a_circle_and_a_deep_tree_are_refused_in_the_form(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    taken(boss, TABLE)
    top, sector = unit(alpha, inside, "Відділ поліції № 1"), unit(alpha, inside, "Сектор «Центр»")
    data = {"name_uk": top.name_uk, "kind": top.kind, "parent": sector.pk}
    assert boss.post(f"/desk/units/{top.pk}/", data).status_code == 422
    assert boss.post(f"/desk/units/{top.pk}/", data | {"parent": top.pk}).status_code == 422
    assert unit(alpha, inside, top.name_uk).parent is None


def test_the_second_of_two_administrators_is_told_about_a_unit(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    path = f"/desk/units/{make(alpha).unit('Патруль', 'a@example.org').pk}/"
    form = boss.get(path).context["form"]
    both = {field.name: field.value() for field in form if field.value() is not None}
    assert boss.post(path, both | {"phone": "102"}).status_code == 302
    late = boss.post(path, both | {"phone": "112"})
    assert late.status_code == 422
    assert unit(alpha, inside, "Патруль").phone == "102"
    assert ("Телефон", "102") in late.context["saved"]


def test_the_list_costs_the_same_for_more_units(boss: CityClient, alpha: City, make: Maker) -> None:
    boss.get("/desk/units/")
    counts = []
    for many in (1, 30):
        for number in range(many):
            make(alpha).unit(f"Підрозділ {many} {number}", f"u{number}@example.org")
        for path in ("/desk/units/", "/desk/units/?kind=other"):
            boss.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert boss.get(path).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_a_long_list_goes_on_where_it_ended(boss: CityClient, alpha: City, inside: Inside) -> None:
    rows = "".join(f"Підрозділ {number:04}\n" for number in range(600))
    taken(boss, f"Назва;Вид\n{rows}")
    seen: list[str] = []
    path = "/desk/units/"
    while path:
        page = boss.get(path)
        seen += [line.unit.name_uk for line in page.context["found"].lines]
        older = page.context["older_url"]
        path = f"/desk/units/{older}" if older else ""
    assert len(seen) == len(set(seen)) == len(names(alpha, inside))


@pytest.mark.parametrize("cursor", ["x", "~", "1~99999999999999999999", "9" * 300, "²~²", "%00"])
def test_no_cursor_breaks_the_list(boss: CityClient, cursor: str) -> None:
    assert boss.get(f"/desk/units/?after={cursor}&kind=other").status_code == 200
