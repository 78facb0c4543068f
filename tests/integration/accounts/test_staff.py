"""Staff: invited, accepted, reset, deactivated; the last administrator stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bezpechne.accounts import actions
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.backends import EmailBackend
from bezpechne.accounts.models import AccountMail, Invitation, User
from bezpechne.accounts.permissions import PERMISSIONS, Permission, Role
from bezpechne.kernel import clock, tokens
from bezpechne.kernel.audit.models import Entry, history_of
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import PASSWORD, Inside, Maker, RunJobs

NEW_PASSWORD = "чотири слова що не пов’язані"


def link_of(invitation: Invitation) -> str:
    return tokens.make("invitation", invitation.pk, invitation.version)


def test_every_role_has_its_permissions_and_no_role_has_all() -> None:
    assert set(PERMISSIONS) == set(Role.values)
    assert all(held < set(Permission) for held in PERMISSIONS.values())
    shared = PERMISSIONS[Role.OPERATOR] & PERMISSIONS[Role.ADMINISTRATOR]
    assert shared == {Permission.SECURITY}


def test_an_invited_person_becomes_staff(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    invitation = make(alpha).invitation("Nova@Example.org")
    run_jobs()
    [message] = outbox
    assert message.to == ["nova@example.org"]
    with inside(alpha):
        link = link_of(invitation)
        assert f"http://poltava.bezpechne.test:8000/account/invitation/{link}/" in message.body
        assert link not in str(list(Invitation.objects.values()))
        found = actions.invitation_for(link)
        assert found == invitation
        user = actions.accept_invitation(invitation=found, name=" Нова ", password=NEW_PASSWORD)
        assert (user.email, user.name, user.role) == ("nova@example.org", "Нова", "moderator")
        assert EmailBackend().authenticate(None, "NOVA@example.org", NEW_PASSWORD) == user
        assert actions.invitation_for(link) is None
        with pytest.raises(AccountError):
            actions.accept_invitation(invitation=found, name="Х", password=NEW_PASSWORD)
        assert [e.action for e in Entry.objects.order_by("id")][-2:] == [
            "invited",
            "invitation_accepted",
        ]
        assert "nova" not in str(list(Entry.objects.values()))


def test_a_resend_renews_the_term_and_kills_the_old_link(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    invitation = make(alpha).invitation()
    by = make(alpha).administrator.actor
    with inside(alpha):
        old = link_of(invitation)
        with clock.frozen(clock.now() + timedelta(days=actions.INVITATION_DAYS, seconds=5)):
            assert actions.invitation_for(old) is None
            actions.resend_invitation(by=by, invitation=invitation)
            invitation.refresh_from_db()
            assert actions.invitation_for(old) is None
            assert actions.invitation_for(link_of(invitation)) == invitation
    run_jobs()
    [message] = outbox
    with inside(alpha):
        assert link_of(invitation) in message.body


def test_an_expired_invitation_is_not_accepted(alpha: City, make: Maker, inside: Inside) -> None:
    invitation = make(alpha).invitation()
    with (
        inside(alpha),
        clock.frozen(clock.now() + timedelta(days=8)),
        pytest.raises(AccountError),
    ):
        actions.accept_invitation(invitation=invitation, name="Х", password=NEW_PASSWORD)


def test_a_revoked_or_replaced_invitation_is_dead(alpha: City, make: Maker, inside: Inside) -> None:
    first = make(alpha).invitation("nova@example.org")
    second = make(alpha).invitation("NOVA@example.org", role="administrator")
    by = make(alpha).administrator.actor
    with inside(alpha):
        assert actions.invitation_for(link_of(first)) is None
        assert actions.invitation_for(link_of(second)) == second
        actions.revoke_invitation(by=by, invitation=second)
        assert actions.invitation_for(link_of(second)) is None
        for dead in (first, second):
            with pytest.raises(AccountError):
                actions.resend_invitation(by=by, invitation=dead)


def test_a_colleague_is_not_invited_again(alpha: City, make: Maker) -> None:
    address = make(alpha).moderator.email
    with pytest.raises(AccountError):
        make(alpha).invitation(address.upper())


def test_a_deactivated_person_comes_back_with_the_same_history(
    alpha: City, make: Maker, inside: Inside
) -> None:
    user = make(alpha).user("moderator", "back@example.org")
    by = make(alpha).administrator.actor
    with inside(alpha):
        actions.deactivate(by=by, user=user)
        invitation = actions.invite(by=by, email=user.email, role="administrator")
        back = actions.accept_invitation(
            invitation=invitation, name="Повернулась", password=NEW_PASSWORD
        )
        assert (back.pk, back.role, back.is_active) == (user.pk, "administrator", True)
        assert [entry.action for entry in history_of(back)] == [
            "deactivated",
            "invitation_accepted",
        ]


def test_deactivation_ends_access_and_keeps_what_was_done(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    made.question("published")
    by = made.administrator.actor
    with inside(alpha):
        moderator = made.moderator
        actions.deactivate(by=by, user=moderator)
        moderator.refresh_from_db()
        assert moderator.permissions == frozenset()
        assert EmailBackend().authenticate(None, moderator.email, PASSWORD) is None
        assert EmailBackend().get_user(moderator.pk) is None
        assert Entry.objects.filter(actor_kind="staff", actor_id=moderator.pk).exists()
        with pytest.raises(PermissionDenied):
            moderator.actor.require(Permission.MODERATE)
        actions.reactivate(by=by, user=moderator)
        assert EmailBackend().authenticate(None, moderator.email, PASSWORD) == moderator


def test_the_last_administrator_stays(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    first, second = made.administrator, made.user("administrator")
    made.user("administrator", is_active=False)
    made.moderator  # noqa: B018 - one more who cannot administer
    with inside(alpha):
        actions.deactivate(by=first.actor, user=second)
        for by in (first.actor, OPERATOR):
            with pytest.raises(AccountError):
                actions.deactivate(by=by, user=first)
        first.refresh_from_db()
        assert first.is_active


def test_the_last_administrator_is_not_lost_by_an_old_invitation(
    alpha: City, make: Maker, inside: Inside
) -> None:
    first, second = make(alpha).administrator, make(alpha).user("administrator")
    with inside(alpha):
        actions.deactivate(by=first.actor, user=second)
        invitation = actions.invite(by=first.actor, email=second.email, role="moderator")
        actions.reactivate(by=first.actor, user=second)
        actions.deactivate(by=second.actor, user=first)
        with pytest.raises(actions.AccountError):
            actions.accept_invitation(invitation=invitation, name="Х", password=NEW_PASSWORD)
        assert User.objects.filter(role="administrator", is_active=True).exists()


ADMINISTRATOR_ALONE: dict[str, Callable[[Any, User, Invitation], object]] = {
    "invite": lambda by, u, i: actions.invite(by=by, email="x@example.org", role="moderator"),
    "resend": lambda by, u, i: actions.resend_invitation(by=by, invitation=i),
    "revoke": lambda by, u, i: actions.revoke_invitation(by=by, invitation=i),
    "deactivate": lambda by, u, i: actions.deactivate(by=by, user=u),
    "reactivate": lambda by, u, i: actions.reactivate(by=by, user=u),
}


@pytest.mark.parametrize("name", ADMINISTRATOR_ALONE)
def test_a_moderator_does_not_administer(
    alpha: City, make: Maker, inside: Inside, name: str
) -> None:
    user, invitation = make(alpha).user(), make(alpha).invitation()
    moderator = make(alpha).moderator
    with inside(alpha):
        rows = list(Entry.objects.values())
        for by in (moderator.actor, make(alpha).operator.actor):
            with pytest.raises(PermissionDenied):
                ADMINISTRATOR_ALONE[name](by, user, invitation)
        assert list(Entry.objects.values()) == rows


def test_a_reset_is_mailed_to_those_who_have_an_account_and_nobody_learns_who(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    user = make(alpha).user("moderator", "a@example.org")
    sleeping = make(alpha).user("moderator", "b@example.org", is_active=False)
    with inside(alpha):
        for email in (" A@Example.org ", sleeping.email, "nobody@example.org"):
            actions.request_reset(email=email, visitor="v")
    run_jobs()
    [message] = outbox
    assert message.to == [user.email]
    with inside(alpha):
        token = actions.reset_tokens.make_token(user)
        assert actions.reset_tokens.check_token(user, token)
        actions.set_password(user=user, password=NEW_PASSWORD)
        assert not actions.reset_tokens.check_token(user, token)


def test_nobody_is_flooded_with_resets(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    make(alpha).user("moderator", "a@example.org")
    with inside(alpha):
        for second in range(6):
            with clock.frozen(clock.now() + timedelta(seconds=second)):
                actions.request_reset(
                    email="a@example.org" if second % 2 else "A@example.org", visitor="v"
                )
    run_jobs()
    assert len(outbox) == 3


def test_addresses_are_one_whatever_their_case(alpha: City, make: Maker, inside: Inside) -> None:
    make(alpha).user("moderator", "A@Example.org")
    with inside(alpha):
        assert User.objects.get_by_natural_key("a@EXAMPLE.org").email == "a@example.org"
        for email in ("a@example.org", "B@example.org"):
            with pytest.raises(IntegrityError), transaction.atomic():
                User(email=email, name="x", role="moderator").save()


def test_one_city_knows_no_account_of_another(
    alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    user = make(alpha).user("administrator", "a@example.org")
    with inside(beta):
        assert EmailBackend().authenticate(None, user.email, PASSWORD) is None
        assert not User.objects.filter(email=user.email).exists()
    with inside(None):
        assert EmailBackend().authenticate(None, user.email, PASSWORD) is None


def test_a_platform_invitation_and_reset_work_without_a_history(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    invitation = make(None).invitation("finance@example.org", role="finance")
    with inside(None):
        user = actions.accept_invitation(
            invitation=invitation, name="Фінанси", password=NEW_PASSWORD
        )
        actions.request_reset(email=user.email, visitor="v")
        assert AccountMail.objects.count() == 2
    run_jobs()
    [message] = outbox
    assert "http://bezpechne.test:8000/account/reset/" in message.body
