"""People who look at the money: invited, shown what was chosen, and nothing else; the journal."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel.actors import SYSTEM
from billing import viewers
from billing.errors import LedgerRefused
from billing.models import LedgerEvent, ViewerScope
from billing.scopes import add_scope, remove_scope, scope_of
from billing.system import LEDGER
from tenants.models import City
from tests.factories import Make
from tests.money import Money

pytestmark = pytest.mark.django_db
VIRA = "vira@fund.example"


def at(page: str, *args: Any) -> str:
    return reverse(f"finance:{page}", settings.PUBLIC_SCHEMA_URLCONF, args)


@pytest.fixture
def officer(client_of: Callable[..., Client]) -> Client:
    client = client_of(None)
    client.force_login(Money().officer())
    return client


def test_an_invited_viewer_sees_the_chosen_donor_and_nothing_else(
    officer: Client,
    alpha: City,
    client_of: Callable[..., Client],
    run_jobs: Callable[[], int],
    outbox: list[Any],
) -> None:
    money = Money()
    own, other = money.payer(name="Свій фонд"), money.payer(name="Чужий фонд")
    for payer in (own, other):
        money.agreement(money.account(alpha), payer)
    answer = officer.post(
        at("new_viewer"),
        {
            "name": "Віра",
            "email": VIRA,
            "language": "uk",
            "role": Role.DONOR_VIEWER,
            "payers": [own.pk],
        },
    )
    assert answer.status_code == 302
    run_jobs()
    (letter,) = [mail for mail in outbox if mail.to == [VIRA]]
    link = re.search(r"https?://[^/]+(/account/invitation/\S+)", letter.body)
    assert link
    guest = client_of(None)
    accepted = guest.post(link[1], {"name": "Віра", "password": "довгий-пароль-2026"})
    assert accepted.status_code == 302
    user = User.objects.get(email=VIRA)
    assert (user.is_active, user.role) == (True, Role.DONOR_VIEWER)
    scope = scope_of(user)
    assert (scope.everything, set(scope.payers), set(scope.accounts)) == (False, {own.pk}, set())
    guest.force_login(user)
    page = unescape(guest.get(at("reports")).content.decode())
    assert "Чужий фонд" not in page
    assert guest.get(f"{at('reports')}?payer={other.pk}").status_code in {403, 404}
    assert guest.get(at("viewers")).status_code == 403
    # What is taken away is gone with the next page.
    remove_scope(by=LEDGER, scope=ViewerScope.objects.get())
    assert scope_of(user).payers == frozenset()


def test_nobody_becomes_a_viewer_by_a_closed_account_of_other_work(alpha: City) -> None:
    money = Money()
    closed = Make(None).user("operator", "old@example.org", is_active=False)
    with pytest.raises(LedgerRefused) as refused:
        viewers.invite_viewer(by=LEDGER, email=closed.email, name="x", role=Role.FINANCE_VIEWER)
    assert refused.value.field == "email"
    with pytest.raises(LedgerRefused):
        viewers.invite_viewer(by=LEDGER, email="a@b.example", name="x", role=Role.FINANCE)
    with pytest.raises(LedgerRefused) as refused:
        viewers.invite_viewer(by=LEDGER, email="a@b.example", name="x", role=Role.CITY_FINANCE)
    assert refused.value.field == "account"
    viewer = Make(None).user("city_finance")
    with pytest.raises(LedgerRefused):
        add_scope(by=LEDGER, user=viewer, about=money.payer())


def test_an_access_is_ended_and_given_back_with_its_scopes(
    alpha: City, client_of: Callable[..., Client]
) -> None:
    viewer = Make(None).user("city_finance")
    add_scope(by=LEDGER, user=viewer, about=Money().account(alpha))
    guest = client_of(None)
    guest.force_login(viewer)
    assert guest.get(at("reports")).status_code == 200
    viewers.close(by=LEDGER, user=viewer)
    assert guest.get(at("reports")).status_code == 302
    viewers.reopen(by=LEDGER, user=viewer)
    viewer.refresh_from_db()
    assert viewer.is_active
    assert scope_of(viewer).accounts == {Money().account(alpha).pk}
    actions = set(LedgerEvent.objects.values_list("action", flat=True))
    assert {"viewer_closed", "viewer_opened", "scope_added"} <= actions


def test_only_officers_keep_viewers(alpha: City) -> None:
    viewer = Make(None).user("donor_viewer")
    for act in (viewers.close, viewers.reopen, viewers.send_again):
        with pytest.raises(PermissionDenied):
            act(by=SYSTEM, user=viewer)
    with pytest.raises(PermissionDenied):
        add_scope(by=SYSTEM, user=viewer, about=Money().payer())
    with pytest.raises(LedgerRefused):
        viewers.close(by=LEDGER, user=Make(None).user("operator"))


def test_lists_cost_the_same_with_few_and_many(officer: Client, alpha: City, beta: City) -> None:
    def costs() -> list[int]:
        found = []
        for page in ("viewers", "journal"):
            with CaptureQueriesContext(connection) as queries:
                assert officer.get(at(page)).status_code == 200
            found.append(len(queries))
        return found

    payer = Money().payer()
    add_scope(by=LEDGER, user=Make(None).user("donor_viewer"), about=payer)
    few = costs()
    for number in range(5):
        viewer = Make(None).user("donor_viewer", f"v{number}@example.org")
        add_scope(by=LEDGER, user=viewer, about=Money().payer())
    for city in (alpha, beta):
        Money().agreement(Money().account(city))
    assert costs() == few


def test_the_journal_names_who_and_finds_a_city(officer: Client, alpha: City, beta: City) -> None:
    person = User.objects.get(role=Role.FINANCE)
    own, other = Money().account(alpha), Money().account(beta)
    for account in (own, other):
        Money().agreement(account, number=f"Д-{account.slug}")
    payer = officer.post(
        at("new_payer"), {"kind": "donor", "name": "Фонд", "language": "uk"}, follow=True
    )
    assert payer.status_code == 200
    page = unescape(officer.get(at("journal")).content.decode())
    assert person.name in page
    assert "Д-poltava" in page
    one = unescape(officer.get(f"{at('journal')}?q=Полтава").content.decode())
    assert "Д-poltava" in one
    assert "Д-ternopil" not in one
