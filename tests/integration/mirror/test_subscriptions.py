"""Who pays from which day on, as Stripe has it."""

from datetime import date, datetime

from bezpechne.kernel import clock
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import FundingAgreement, StripeObject
from billing.states import PayerKind, StripeKind
from billing.stripe.payers import follow, use_stripe
from billing.stripe.subscriptions import Switch, subscribe, switch_subscriptions
from tests.integration.mirror.conftest import Mirror
from tests.stripe_server import Failure

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def council(mirror: Mirror) -> FundingAgreement:
    """Pays from July on, and uses Stripe."""
    payer = mirror.money.payer(PayerKind.LOCAL_BUDGET, contact_email="rada@example.org")
    mirror.mark(payer)
    days = (JULY, date(2026, 12, 31))
    return mirror.money.agreement(mirror.account, payer, monthly="7000.00", days=days)


def switch(mirror: Mirror, new: FundingAgreement, on: date = JULY) -> Switch:
    return switch_subscriptions(
        by=mirror.money.by, account=mirror.account, old=mirror.agreement, new=new, on=on
    )


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=clock.KYIV).timestamp())


def live(mirror: Mirror) -> list[tuple[str, int]]:
    """(who, until) of the subscriptions that run."""
    return [
        (row["metadata"]["payer_id"], row["cancel_at"])
        for row in mirror.stripe.made("subscriptions")
        if row["status"] != "canceled"
    ]


def test_a_payer_of_today_has_a_subscription_that_never_bills(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    (made,) = mirror.stripe.made("subscriptions")
    assert made["collection_method"] == "send_invoice"
    assert made["cancel_at"] == midnight(date(2027, 1, 1)), "the day after the agreement's last"
    assert made["metadata"]["contract_no"] == mirror.agreement.number
    (price,) = mirror.stripe.made("prices")
    assert (price["unit_amount"], price["currency"]) == (1_850_050, "uah")
    assert mirror.stripe.made("invoices") == []


def test_at_a_hand_over_one_ends_and_the_other_begins(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    made = switch(mirror, council(mirror))
    assert made.ended is not None
    assert made.begun is not None
    assert made.begun.kind == StripeKind.SCHEDULE
    mirror.run_jobs()
    assert live(mirror) == [(str(mirror.payer.pk), midnight(JULY))]
    (schedule,) = mirror.stripe.made("subscription_schedules")
    assert (schedule["start_date"], schedule["status"]) == (midnight(JULY), "not_started")
    mirror.wait(days=30)
    assert live(mirror) == [(str(made.begun.payer_id), midnight(date(2027, 1, 1)))]
    assert mirror.stripe.made("invoices") == [], "bills are the ledger's"


def test_a_hand_over_is_cut_and_repeated_without_doubling(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    new = council(mirror)
    for call in ("POST /v1/subscription_schedules", "POST /v1/subscriptions/*"):
        mirror.stripe.fail(call, Failure.CUT)
    assert switch(mirror, new) == switch(mirror, new)
    mirror.run_jobs()
    mirror.wait(days=2)
    mirror.settle()
    assert switch(mirror, new) == switch(mirror, new)
    mirror.settle()
    assert len(mirror.stripe.made("subscription_schedules")) == 1
    assert live(mirror) == [(str(mirror.payer.pk), midnight(JULY))]
    assert len(mirror.stripe.made("prices")) == 2
    assert len(mirror.stripe.made("products")) == 1


def test_a_hand_over_that_moves_moves_both_sides_and_back(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    new = council(mirror)
    for on in (JULY, AUGUST, JULY):
        switch(mirror, new, on)
        mirror.settle()
    waiting = [
        row["start_date"]
        for row in mirror.stripe.made("subscription_schedules")
        if row["status"] == "not_started"
    ]
    assert waiting == [midnight(JULY)]
    assert live(mirror) == [(str(mirror.payer.pk), midnight(JULY))]


def test_one_that_was_scheduled_can_be_ended_too(mirror: Mirror) -> None:
    """Stripe refuses an end for it until its schedule lets go."""
    mirror.mark()
    mirror.run_jobs()
    new = council(mirror)
    switch(mirror, new)
    mirror.run_jobs()
    mirror.wait(days=40)
    switch_subscriptions(by=mirror.money.by, account=mirror.account, old=new, new=None, on=AUGUST)
    mirror.settle()
    mirror.wait(days=60)
    assert live(mirror) == []


def test_a_payer_that_leaves_stripe_has_no_subscription_tomorrow(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    use_stripe(by=mirror.money.by, payer=mirror.payer, uses=False)
    mirror.run_jobs()
    mirror.wait(days=1)
    assert live(mirror) == []


def test_what_changed_in_the_ledger_alone_is_followed_at_night(mirror: Mirror) -> None:
    mirror.mark()
    mirror.run_jobs()
    new = council(mirror)
    periods.switch(
        by=mirror.money.by,
        account=mirror.account,
        on=JULY,
        last=date(2026, 12, 31),
        shares=[Share(new)],
    )
    follow(by=mirror.money.by)
    mirror.settle()
    assert [who for who, _until in live(mirror)] == [str(mirror.payer.pk)]
    mirror.wait(days=30)
    for _night in range(2):
        follow(by=mirror.money.by)
        mirror.settle()
    assert live(mirror) == [(str(new.payer_id), midnight(date(2027, 1, 1)))]


def test_a_planned_subscription_is_left_alone_at_night(mirror: Mirror) -> None:
    mirror.mark()
    made = switch(mirror, council(mirror))
    mirror.settle()
    follow(by=mirror.money.by)
    assert mirror.run_jobs() == 0
    assert made.begun is not None
    made.begun.refresh_from_db()
    assert made.begun.state == "not_started"


def test_only_who_uses_stripe_is_there(mirror: Mirror) -> None:
    assert subscribe(by=mirror.money.by, agreement=mirror.agreement, on=JULY) is None
    made = switch(mirror, mirror.money.agreement(mirror.account))
    assert made == Switch(None, None)
    assert not StripeObject.objects.exists()
