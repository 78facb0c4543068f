"""A month of all cities: a job each, and why one was refused."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from billing.costs.months import close
from billing.documents import fleet
from billing.documents.run import not_run
from billing.models import Act, LedgerEvent
from billing.system import LEDGER
from tenants.models import City
from tests.money import Money

MAY = date(2026, 5, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _june() -> Iterator[None]:
    with clock.frozen(datetime(2026, 6, 20, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def two(alpha: City, beta: City) -> Money:
    """One city that runs, one whose month is closed."""
    money = Money()
    for city in (alpha, beta):
        money.fund(money.agreement(money.account(city)))
    close(by=LEDGER, account=money.account(beta), month=MAY)
    return money


def test_each_city_is_a_job_of_its_own(two: Money, run_jobs: Callable[[], int]) -> None:
    assert fleet.queue_all(by=LEDGER, month=MAY) == 2
    # Pressed twice.
    assert fleet.queue_all(by=LEDGER, month=MAY) == 2
    assert run_jobs() == 4
    (act,) = Act.objects.all()
    assert act.account.slug == "poltava"
    (left,) = not_run(MAY)
    reasons = fleet.refusals([left], MAY)
    assert list(reasons) == [left]
    assert fleet.refusals([left], date(2026, 4, 1)) == {}
    assert LedgerEvent.objects.filter(action="month_run").count() == 1


def test_only_finance_officers_run_it(two: Money) -> None:
    with pytest.raises(PermissionDenied):
        fleet.queue_all(by=SYSTEM, month=MAY)


def test_the_page_says_how_far_it_is(
    two: Money, run_jobs: Callable[[], int], client_of: Callable[..., Client]
) -> None:
    client = client_of(None)
    client.force_login(two.officer())
    url = reverse("finance:fleet_run", settings.PUBLIC_SCHEMA_URLCONF, ["2026-05"])
    assert "0 із 2" in client.get(url).content.decode()
    run_all = reverse("finance:run_all", settings.PUBLIC_SCHEMA_URLCONF, ["2026-05"])
    assert client.post(run_all).status_code == 302
    run_jobs()
    said = client.get(url).content.decode()
    assert "1 із 2" in said
    assert "Тернопіль" in said


def test_the_command_goes_on_after_a_refusal(
    two: Money, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="Refused: 1"):
        call_command("run_month", "2026-05")
    said = capsys.readouterr().out
    assert "poltava: 2 costs, 1 acts" in said
    with pytest.raises(CommandError, match="is no month"):
        call_command("run_month", "05.2026")
