"""An administrator who is gone is replaced from the console, also where there is none."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.models import Invitation, User
from bezpechne.kernel.audit.models import Entry
from provisioning.administrators.actions import replace_administrator
from provisioning.models import JournalEntry
from tenants.models import City
from tests.factories import Inside, Maker, RunJobs

FIELDS = {"email": "New.Boss@example.org", "reason": "Лист міської ради № 12"}


@pytest.fixture
def console(db: None, make: Maker, inside: Inside, client_of: Any) -> Any:
    client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    return client


def page(city: City) -> str:
    return f"/console/cities/{city.slug}/administrator/"


def test_the_last_administrator_goes_and_a_new_one_is_invited(
    alpha: City,
    beta: City,
    make: Maker,
    inside: Inside,
    client_of: Any,
    console: Any,
    run_jobs: RunJobs,
    outbox: list[Any],
) -> None:
    boss = make(alpha).administrator
    namesake = make(beta).user("administrator", boss.email)
    browser = client_of(alpha)
    with inside(alpha):
        browser.force_login(boss)
    assert browser.get("/desk/").status_code == 200
    assert boss.email in console.get(page(alpha)).text
    response = console.post(page(alpha), {**FIELDS, "leaving": boss.pk})
    assert response["Location"] == page(alpha)
    assert browser.get("/desk/").status_code == 302
    run_jobs()
    [letter] = outbox
    assert letter.to == ["new.boss@example.org"]
    assert "http://poltava.bezpechne.test:8000/account/invitation/" in letter.body
    with inside(alpha):
        assert not User.objects.get(pk=boss.pk).is_active
        history = list(Entry.objects.order_by("-pk")[:4])
    assert {entry.action for entry in history} == {
        "administrator_replaced",
        "invited",
        "deactivated",
        "invitation_revoked",
    }
    assert {entry.actor_kind for entry in history} == {"operator"}
    with inside(beta):
        assert User.objects.get(pk=namesake.pk).is_active
    journal = JournalEntry.objects.latest("pk")
    assert (journal.action, journal.slug, journal.reason) == (
        "administrator_replaced",
        "poltava",
        FIELDS["reason"],
    )
    assert "@" not in str(journal.detail)


def test_a_city_without_administrator_gets_one_and_open_invitations_die(
    alpha: City, make: Maker, inside: Inside, console: Any
) -> None:
    lost = make(alpha).invitation("typo@example.org", role="administrator")
    moderator = make(alpha).invitation("mod@example.org")
    shown = console.get(page(alpha))
    assert "typo@example.org" in shown.text
    assert "leaving" not in shown.context["form"].fields
    assert console.post(page(alpha), FIELDS).status_code == 302
    with inside(alpha):
        open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None)
        emails = set(open_ones.values_list("email", flat=True))
        assert not {lost.email, "admin@example.org"} & emails
        assert {moderator.email, "new.boss@example.org"} <= emails
        assert Entry.objects.latest("pk").action == "administrator_invited"


def test_a_moderator_may_follow_and_keeps_working_until_then(
    alpha: City, make: Maker, inside: Inside, console: Any
) -> None:
    boss, moderator = make(alpha).administrator, make(alpha).moderator
    fields = {**FIELDS, "email": moderator.email, "leaving": boss.pk}
    assert console.post(page(alpha), fields).status_code == 302
    with inside(alpha):
        moderator.refresh_from_db()
        assert (moderator.role, moderator.is_active) == ("moderator", True)
        invitation = Invitation.objects.get(email=moderator.email, revoked_at=None)
        assert invitation.role == "administrator"


@pytest.mark.parametrize("wrong", ["no reason", "no choice", "moderator", "administrator", "gone"])
def test_bad_input_changes_nothing(
    alpha: City, make: Maker, inside: Inside, console: Any, wrong: str
) -> None:
    boss, second = make(alpha).administrator, make(alpha).user("administrator")
    sleeping = make(alpha).user("administrator", is_active=False)
    every: dict[str, dict[str, Any]] = {
        "no reason": {**FIELDS, "leaving": boss.pk, "reason": " "},
        "no choice": FIELDS,
        "moderator": {**FIELDS, "leaving": make(alpha).moderator.pk},
        "administrator": {**FIELDS, "leaving": boss.pk, "email": second.email},
        "gone": {**FIELDS, "leaving": sleeping.pk},
    }
    fields = every[wrong]
    with inside(alpha):
        before = list(Entry.objects.values_list("pk"))
    response = console.post(page(alpha), fields)
    assert response.status_code == 422
    assert response.context["form"]["email"].value() == fields["email"]
    with inside(alpha):
        assert list(Entry.objects.values_list("pk")) == before
        assert User.objects.get(pk=boss.pk).is_active


def test_only_operators_replace(alpha: City, make: Maker, inside: Inside, client_of: Any) -> None:
    boss = make(alpha).administrator
    for by in (boss.actor, make(None).user("finance").actor):
        with pytest.raises(PermissionDenied):
            replace_administrator(by=by, city=alpha, leaving=boss.pk, **FIELDS)
    with pytest.raises(AccountError):
        replace_administrator(by=make(None).operator.actor, city=alpha, leaving=987654321, **FIELDS)
    with inside(alpha):
        assert User.objects.get(pk=boss.pk).is_active


def test_an_unknown_city_is_not_found(console: Any) -> None:
    assert console.get("/console/cities/nowhere/administrator/").status_code == 404
    assert console.get("/console/cities/nowhere/act/").status_code == 404
