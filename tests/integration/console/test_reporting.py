"""Cities report their figures into one public row each; pages read those rows alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock, metering
from community.answers.models import Unit
from provisioning.console import reporting
from provisioning.console.models import CityReport
from tenants.models import City
from tests.factories import Inside, Maker


def report_of(city: City) -> CityReport:
    return CityReport.objects.get(city=city)


def test_a_city_has_its_row_of_names_from_the_beginning(alpha: City) -> None:
    row = report_of(alpha)
    assert row.oblast == "Полтавська"
    assert row.name_sort
    assert (row.questions_week, row.reported_at) == (None, None)


def test_each_city_reports_its_own_figures(alpha: City, beta: City, make: Maker) -> None:
    for state in ("in_moderation", "published", "published", "answered", "unconfirmed"):
        make(alpha).question(state)
    make(beta).question("in_moderation")
    assert reporting.report_some() == 2
    first, second = report_of(alpha), report_of(beta)
    assert (first.questions_week, first.in_moderation, first.waiting) == (4, 1, 2)
    assert (first.answered, first.published, first.overdue) == (1, 3, None)
    assert (first.moderators, first.administrators) == (1, 0)
    assert (second.questions_week, second.waiting, second.published) == (1, 0, 0)
    assert first.reported_at is not None


def test_old_questions_do_not_count_for_the_week(alpha: City, make: Maker, inside: Inside) -> None:
    with clock.frozen(clock.now() - timedelta(days=8)):
        make(alpha).question("published")
    make(alpha).question("published")
    reporting.report_some()
    assert (report_of(alpha).questions_week, report_of(alpha).waiting) == (1, 2)


def test_the_desk_is_active_by_its_acts_and_sign_ins_not_by_residents(
    alpha: City, make: Maker, inside: Inside
) -> None:
    then = clock.now() - timedelta(days=3)
    with clock.frozen(then):
        make(alpha).question("published")
    make(alpha).question("in_moderation")
    reporting.report_some()
    assert report_of(alpha).active_at == then
    with inside(alpha):
        person = make(alpha).moderator
        person.last_login = clock.now()
        person.save()
    reporting.report_some()
    assert report_of(alpha).active_at == person.last_login


def test_turns_go_round_and_a_broken_city_holds_up_nobody(
    alpha: City, beta: City, make: Maker
) -> None:
    make(beta).question("published")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {alpha.schema_name}.questions_tally")
    for _ in range(2):
        reporting.report_some(most=1)
    broken, whole = report_of(alpha), report_of(beta)
    assert (broken.fault, broken.reported_at) == ("ProgrammingError", None)
    assert (whole.fault, whole.waiting) == ("", 1)


def test_a_city_whose_schema_is_behind_keeps_its_last_figures(alpha: City, make: Maker) -> None:
    make(alpha).question("published")
    reporting.report_some()
    City.objects.filter(pk=alpha.pk).update(schema_version="0" * 16)
    make_more = report_of(alpha).waiting
    assert reporting.report_some() == 1
    row = report_of(alpha)
    assert (row.fault, row.waiting) == ("SchemaBehind", make_more)


def test_a_report_costs_few_queries_whatever_the_city_holds(
    alpha: City, make: Maker, inside: Inside
) -> None:
    costs = []
    for _ in range(2):
        with inside(alpha), CaptureQueriesContext(connection) as queries:
            metering.read()
        costs.append(len(queries))
        for _number in range(4):
            make(alpha).question("answered")
    assert costs[0] == costs[1] <= 8, costs


def test_no_more_cities_are_visited_at_once_than_asked(alpha: City, beta: City) -> None:
    assert reporting.report_some(most=1) == 1
    assert CityReport.objects.exclude(tried_at=None).count() == 1


def test_dead_jobs_are_counted_by_city(alpha: City, beta: City, inside: Inside) -> None:
    from bezpechne.kernel import queue  # noqa: PLC0415 - this test alone

    with inside(alpha):
        queue.defer("questions.purge_unconfirmed")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    reporting.report_some()
    assert (report_of(alpha).dead_jobs, report_of(beta).dead_jobs) == (1, 0)


def test_bytes_are_counted_as_files_come_and_go(
    alpha: City, beta: City, inside: Inside, django_capture_on_commit_callbacks: Any
) -> None:
    with inside(alpha), django_capture_on_commit_callbacks(execute=True):
        kept = default_storage.save("a/one.bin", ContentFile(b"x" * 700))
        gone = default_storage.save("a/two.bin", ContentFile(b"x" * 50))
        default_storage.delete(gone)
        default_storage.delete("a/never.bin")
    reporting.report_some()
    assert (report_of(alpha).storage_bytes, report_of(beta).storage_bytes) == (700, 0)
    with inside(alpha), django_capture_on_commit_callbacks(execute=True):
        default_storage.delete(kept)
    reporting.report_some()
    assert report_of(alpha).storage_bytes == 0


def test_the_scales_put_right_what_the_counter_lost(alpha: City, inside: Inside) -> None:
    with inside(alpha):
        default_storage.save("a/one.bin", ContentFile(b"x" * 700))
        metering.put(metering.FILE_BYTES, 5)
    assert reporting.weigh_some() == 2
    with inside(alpha):
        assert metering.counted(metering.FILE_BYTES) == 700
    assert reporting.weigh_some() == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert reporting.weigh_some(most=1) == 1


def test_a_counter_never_falls_below_zero(db: None) -> None:
    metering.add("things", -5)
    assert metering.counted("things") == 0
    metering.add("things", 3)
    metering.add("things", -5)
    assert metering.counted("things") == 0


@pytest.mark.parametrize("change", [{"name_uk": "Ґрунтова"}, {"katottg": "UA00000000000000000"}])
def test_the_row_follows_the_city(alpha: City, change: dict[str, str]) -> None:
    before = report_of(alpha)
    City.objects.filter(pk=alpha.pk).update(name_uk=alpha.name_uk)
    for field, value in change.items():
        setattr(alpha, field, value)
    alpha.save(update_fields=list(change))
    after = report_of(alpha)
    assert (before.name_sort, before.oblast) != (after.name_sort, after.oblast)


def test_units_are_no_figure_of_the_console(alpha: City, inside: Inside) -> None:
    """Figures are numbers and moments: nothing that names anybody leaves a city."""
    with inside(alpha):
        assert Unit.objects.exists()
        figures = metering.read()
    assert all(value is None or not isinstance(value, str) for value in figures.values())
