"""Failures as the library tells them, and what our gateway makes of each."""

import pytest
from django.conf import LazySettings

from billing import stripe_gateway as gateway
from billing.models import Payer, StripeObject
from billing.states import StripeStatus
from billing.stripe_gateway import Fault, StripeFailed
from tests.integration.mirror.conftest import Mirror
from tests.stripe_server import Failure, StripeServer


def customer(key: str = "k1", name: str = "Фонд") -> gateway.Seen:
    return gateway.create_customer(key, name=name, email="fund@example.org", metadata={"a": "б"})


def failed(failure: Failure, stripe: StripeServer) -> StripeFailed:
    stripe.fail("POST /v1/customers", failure)
    with pytest.raises(StripeFailed) as told:
        customer()
    return told.value


def test_a_repeated_key_repeats_the_answer_for_a_day(stripe: StripeServer) -> None:
    assert customer() == customer()
    with pytest.raises(StripeFailed) as told:
        customer(name="Інший")
    assert told.value.fault == Fault.USED_KEY
    assert len(stripe.made("customers")) == 1


@pytest.mark.parametrize("failure", [*Failure])
def test_what_may_pass_later_is_temporary(stripe: StripeServer, failure: Failure) -> None:
    assert failed(failure, stripe).fault == Fault.TEMPORARY
    has_effect = failure in {Failure.CUT, Failure.SLOW}
    assert len(stripe.made("customers")) == has_effect


def test_a_broken_answer_sticks_to_its_key(stripe: StripeServer) -> None:
    assert failed(Failure.BROKEN, stripe).fault == Fault.TEMPORARY
    with pytest.raises(StripeFailed) as told:
        customer()
    assert told.value.fault == Fault.USED_KEY
    assert customer("k2")["name"] == "Фонд"


def test_a_refusal_is_final_and_names_nobody(stripe: StripeServer) -> None:
    with pytest.raises(StripeFailed) as told:
        gateway.create_price("k", product_id="fund@example.org", amount=1, lookup="l", metadata={})
    assert (told.value.fault, told.value.code) == (Fault.PERMANENT, "resource_missing")
    assert "@" not in told.value.text


def test_lists_come_page_by_page(stripe: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PAGE", 2)
    made = [customer(f"k{number}")["id"] for number in range(5)]
    assert [row["id"] for row in gateway.customers(0)] == made[::-1]


def test_a_name_that_changes_between_two_tries_takes_a_new_key(mirror: Mirror) -> None:
    payer = mirror.money.payer(contact_email="second@example.org", name="Стара назва")
    mirror.mark(payer)
    mirror.stripe.fail("POST /v1/customers", Failure.BROKEN)
    mirror.run_jobs()
    Payer.objects.filter(pk=payer.pk).update(name="Нова назва")
    mirror.settle()
    (made,) = mirror.stripe.made("customers")
    assert made["name"] == "Нова назва"
    row = StripeObject.objects.get(payer=payer)
    assert (row.status, row.version) == (StripeStatus.DONE, 2)


def test_a_wrong_key_of_the_account_waits_until_it_is_right(
    mirror: Mirror, settings: LazySettings
) -> None:
    mirror.mark(mirror.money.payer(contact_email="second@example.org"))
    settings.STRIPE_API_KEY = "sk_test_wrong"
    mirror.run_jobs()
    assert StripeObject.objects.get().status == StripeStatus.WAITING
    settings.STRIPE_API_KEY = "sk_test_tests"
    mirror.settle()
    assert StripeObject.objects.get().status == StripeStatus.DONE
