"""A city's own domains: added, checked by a real DNS server, served, chosen, given up."""

from datetime import timedelta
from typing import Any

import dns.rcode
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM, Actor, ActorKind
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants import resolution, tasks
from tenants.current import primary_domain
from tenants.domains import actions
from tenants.domains.names import NameRefused, record_name
from tenants.models import City, Domain
from tests.factories import Inside, Maker, RunJobs
from tests.nameserver import Nameserver

NAME = "police.poltava.example"
RECORD = record_name(NAME)


@pytest.fixture
def waiting(alpha: City) -> Domain:
    """Added by an operator a moment ago."""
    return actions.add(by=OPERATOR, city=alpha, name=NAME)


@pytest.fixture
def verified(waiting: Domain, dns_server: Nameserver) -> Domain:
    dns_server.texts[RECORD] = [[waiting.token]]
    return actions.check(by=OPERATOR, domain=waiting)


def status(host: str, path: str = "/about/") -> int:
    return Client(headers={"host": host}).get(path).status_code


# --- The owner's record --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        [["{token}"]],
        [["v=spf1 -all"], ["{token}"], ["something else"]],
        [["{first}", "{rest}"]],
        [["{TOKEN}"]],
        [['\\"{token}\\" ']],
    ],
    ids=["alone", "among others", "in chunks", "in capitals", "with the form's quotes"],
)
def test_the_right_record_opens_the_domain_at_once(
    waiting: Domain, dns_server: Nameserver, texts: list[list[str]]
) -> None:
    token = waiting.token
    values = {"token": token, "TOKEN": token.upper(), "first": token[:9], "rest": token[9:]}
    dns_server.texts[RECORD] = [[chunk.format(**values) for chunk in text] for text in texts]
    assert status(NAME) == 404
    checked = actions.check(by=OPERATOR, domain=waiting)
    assert (checked.check_error, dns_server.asked) == ("", [RECORD])
    assert checked.verified_at is not None
    assert checked.checked_at is not None
    assert status(NAME) == 301


def test_a_server_that_answers_in_capitals_is_understood(
    waiting: Domain, dns_server: Nameserver
) -> None:
    dns_server.shouts = True
    dns_server.texts[RECORD] = [[waiting.token]]
    assert actions.check(by=OPERATOR, domain=waiting).verified_at is not None


def test_each_failure_has_its_own_sentence_and_opens_nothing(
    waiting: Domain, dns_server: Nameserver, settings: Any
) -> None:
    def outcome() -> str:
        checked = actions.check(by=OPERATOR, domain=waiting)
        assert checked.verified_at is None
        assert status(NAME) == 404
        return checked.check_error

    assert outcome() == "absent", "NXDOMAIN"
    dns_server.texts[RECORD] = []
    assert outcome() == "absent", "the name is there, a TXT record is not"
    dns_server.texts[RECORD] = [["f" * 32], [waiting.token[:-1]], [waiting.token + "0"], [""]]
    assert outcome() == "other"
    dns_server.texts[RECORD] = [["\\208\\255"]]
    assert outcome() == "other", "bytes that are no text"
    dns_server.codes[RECORD] = dns.rcode.SERVFAIL
    assert outcome() == "server"
    dns_server.codes[RECORD] = dns.rcode.REFUSED
    assert outcome() == "server"
    settings.DNS_SECONDS = 0.2
    dns_server.silent.add(RECORD)
    assert outcome() == "timeout"


def test_a_record_of_another_city_confirms_nothing(
    waiting: Domain, beta: City, dns_server: Nameserver
) -> None:
    other = actions.add(by=OPERATOR, city=beta, name="police.ternopil.example")
    dns_server.texts[RECORD] = [[other.token]]
    assert actions.check(by=OPERATOR, domain=waiting).check_error == "other"


def test_removed_and_added_again_while_dns_was_asked(
    waiting: Domain, alpha: City, dns_server: Nameserver
) -> None:
    """The old token's record says nothing about the new row."""
    dns_server.texts[RECORD] = [[waiting.token]]
    Domain.objects.filter(pk=waiting.pk).update(token="0" * 32)
    with pytest.raises(actions.DomainRefused):
        actions.check(by=OPERATOR, domain=waiting)
    waiting.refresh_from_db()
    assert waiting.verified_at is None


# --- Who may ----------------------------------------------------------------------------------------


def test_an_administrator_acts_on_the_own_city_alone(
    alpha: City, beta: City, make: Maker, inside: Inside, dns_server: Nameserver
) -> None:
    boss = make(alpha).administrator.actor
    with inside(alpha):
        domain = actions.add(by=boss, city=alpha, name=NAME)
        dns_server.texts[RECORD] = [[domain.token]]
        domain = actions.check(by=boss, domain=domain)
        actions.make_primary(by=boss, domain=domain)
        with pytest.raises(PermissionDenied):
            actions.add(by=boss, city=beta, name="police.ternopil.example")
    assert primary_domain(alpha).domain == NAME
    foreign = primary_domain(beta)
    with inside(alpha):
        for act in (actions.check, actions.make_primary, actions.remove):
            with pytest.raises(PermissionDenied):
                act(by=boss, domain=foreign)
    with pytest.raises(PermissionDenied):
        actions.add(by=boss, city=alpha, name="other.example")  # outside of the city
    assert list(Domain.objects.filter(tenant=beta)) == [foreign]


@pytest.mark.parametrize("role", ["moderator", "finance"])
def test_nobody_else_may(
    alpha: City, make: Maker, inside: Inside, waiting: Domain, role: str
) -> None:
    somebody = make(alpha if role == "moderator" else None).user(role).actor
    for who in (somebody, Actor(ActorKind.RESIDENT, 1), SYSTEM):
        with inside(alpha), pytest.raises(PermissionDenied):
            actions.add(by=who, city=alpha, name="x.example")
        for act in (actions.make_primary, actions.remove):
            with inside(alpha), pytest.raises(PermissionDenied):
                act(by=who, domain=waiting)
    with inside(alpha), pytest.raises(PermissionDenied):
        actions.check(by=somebody, domain=waiting)


# --- Whose it is ------------------------------------------------------------------------------------


def test_a_taken_domain_is_refused_without_saying_whose(waiting: Domain, beta: City) -> None:
    with pytest.raises(actions.DomainRefused) as refused:
        actions.add(by=OPERATOR, city=beta, name=f" {NAME.upper()}. ")
    assert "poltava" not in str(refused.value).lower()
    assert "Полтав" not in str(refused.value)
    with pytest.raises(actions.DomainRefused) as again:
        actions.add(by=OPERATOR, city=waiting.tenant, name=NAME)
    assert str(again.value) != str(refused.value)
    assert Domain.objects.filter(domain=NAME).count() == 1


def test_a_city_has_a_handful_of_names(alpha: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_DOMAINS", 2)
    actions.add(by=OPERATOR, city=alpha, name="one.example")
    with pytest.raises(actions.DomainRefused, match="2"):
        actions.add(by=OPERATOR, city=alpha, name="two.example")


def test_a_bad_name_is_not_stored(alpha: City) -> None:
    with pytest.raises(NameRefused):
        actions.add(by=OPERATOR, city=alpha, name="https://poltava.ua/")
    assert Domain.objects.filter(tenant=alpha).count() == 1


# --- Primary, removal -------------------------------------------------------------------------------


def test_only_a_confirmed_domain_becomes_primary(waiting: Domain, alpha: City) -> None:
    with pytest.raises(actions.DomainRefused):
        actions.make_primary(by=OPERATOR, domain=waiting)
    assert primary_domain(alpha).domain == "poltava.bezpechne.test"


def test_new_letters_have_links_with_the_primary_name(
    verified: Domain, alpha: City, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    make(alpha).question("unconfirmed")
    run_jobs()
    assert "http://poltava.bezpechne.test:8000/" in outbox[-1].body
    actions.make_primary(by=OPERATOR, domain=verified)
    make(alpha).question("unconfirmed")
    run_jobs()
    assert f"http://{NAME}:8000/" in outbox[-1].body
    assert "poltava.bezpechne.test" not in outbox[-1].body


def test_a_link_of_an_old_letter_leads_to_its_page(
    verified: Domain, alpha: City, make: Maker
) -> None:
    question = make(alpha).question("published")
    path = f"/follow/{make(alpha).follow_token(question)}/"
    actions.make_primary(by=OPERATOR, domain=verified)
    old = Client(headers={"host": "poltava.bezpechne.test"}).get(path + "?a=1&b=%2F")
    assert (old.status_code, old["Location"]) == (301, f"http://{NAME}:8000{path}?a=1&b=%2F")
    assert old["Cache-Control"] == "no-store", "a city may return to its former name"
    assert status(NAME, path) == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_what_is_sent_to_a_secondary_name_goes_along(verified: Domain, method: str) -> None:
    response = getattr(Client(headers={"host": NAME}), method)("/ask/?x=1")
    assert response.status_code == 307
    assert response["Location"] == "http://poltava.bezpechne.test:8000/ask/?x=1"


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/\r\nX: y", "/a b/ї"])
def test_a_redirect_never_leaves_the_city(verified: Domain, path: str) -> None:
    response = Client(headers={"host": NAME}).get("/", PATH_INFO=path.encode().decode("latin-1"))
    assert response.status_code == 301
    assert response["Location"].startswith("http://poltava.bezpechne.test:8000/")
    assert "\n" not in response["Location"]


def test_open_forms_may_follow_the_redirect(verified: Domain) -> None:
    page = Client(headers={"host": "poltava.bezpechne.test"}).get("/about/")
    policy = page["Content-Security-Policy"].split("; ")
    assert f"form-action 'self' http://{NAME}:8000" in policy
    other = Client(headers={"host": "ternopil.bezpechne.test"}).get("/about/")
    assert "form-action 'self'" in other["Content-Security-Policy"].split("; ")


def test_neither_the_primary_nor_the_platforms_name_is_removed(
    verified: Domain, alpha: City
) -> None:
    own = primary_domain(alpha)
    with pytest.raises(actions.DomainRefused):
        actions.remove(by=OPERATOR, domain=own)
    actions.make_primary(by=OPERATOR, domain=verified)
    for domain in (own, verified):
        with pytest.raises(actions.DomainRefused):
            actions.remove(by=OPERATOR, domain=domain)
    actions.make_primary(by=OPERATOR, domain=own)
    actions.remove(by=OPERATOR, domain=verified)
    assert status(NAME) == 404
    assert status(own.domain) == 200
    with pytest.raises(actions.DomainRefused):
        actions.remove(by=OPERATOR, domain=verified)


def test_the_platform_and_the_city_remember_what_was_done(
    verified: Domain, alpha: City, inside: Inside
) -> None:
    from bezpechne.kernel.audit.models import history_of  # noqa: PLC0415 - this test alone

    actions.make_primary(by=OPERATOR, domain=verified)
    wanted = ["domain_added", "domain_verified", "domain_primary"]
    entries = JournalEntry.objects.filter(city_id=alpha.pk, action__startswith="domain_")
    assert [entry.action for entry in entries.order_by("id")] == wanted
    assert entries.order_by("id").last().detail["old"] == "poltava.bezpechne.test"  # type: ignore[union-attr] # three
    with inside(alpha):
        told = [entry.action for entry in history_of(alpha) if entry.action in wanted]
    assert told == wanted


# --- By itself --------------------------------------------------------------------------------------


def round_of_checks(run_jobs: RunJobs) -> None:
    tasks.check_domains(0)
    run_jobs()


def test_the_periodic_check_finds_a_record_and_keeps_pauses(
    waiting: Domain, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    start = waiting.created_at
    for minutes, asked in ((1, 0), (6, 1), (7, 1), (12, 2)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            round_of_checks(run_jobs)
        assert len(dns_server.asked) == asked, minutes
    dns_server.texts[RECORD] = [[waiting.token]]
    with clock.frozen(start + timedelta(hours=1)):
        round_of_checks(run_jobs)
        round_of_checks(run_jobs)
    assert len(dns_server.asked) == 3, "a confirmed domain is left alone for a week"
    assert status(NAME) == 301


def test_two_jobs_for_one_domain_ask_once(
    waiting: Domain, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    with clock.frozen(waiting.created_at + timedelta(hours=1)):
        tasks.check_domains(0)
        tasks.check_domains(0)
        run_jobs()
    assert len(dns_server.asked) == 1


def test_a_name_that_nobody_confirms_is_given_up_with_a_note(
    waiting: Domain, beta: City, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    with clock.frozen(waiting.created_at + timedelta(days=13, hours=23)):
        round_of_checks(run_jobs)
        assert Domain.objects.filter(pk=waiting.pk).exists()
    with clock.frozen(waiting.created_at + timedelta(days=14)):
        round_of_checks(run_jobs)
    assert not Domain.objects.filter(domain=NAME).exists()
    assert JournalEntry.objects.filter(action="domain_expired", detail__domain=NAME).exists()
    assert actions.add(by=OPERATOR, city=beta, name=NAME).tenant == beta


def test_a_confirmed_domain_never_expires(
    verified: Domain, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    assert not actions.expire(domain=verified)
    with clock.frozen(verified.created_at + timedelta(days=400)):
        round_of_checks(run_jobs)
    verified.refresh_from_db()
    assert verified.verified_at is not None


def test_a_record_that_disappears_is_flagged_and_the_site_goes_on(
    verified: Domain, alpha: City, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    start = verified.created_at
    actions.make_primary(by=OPERATOR, domain=verified)
    del dns_server.texts[RECORD]
    for day in (8, 9, 10):
        with clock.frozen(start + timedelta(days=day)):
            round_of_checks(run_jobs)
    verified.refresh_from_db()
    assert (verified.check_error, verified.is_primary) == ("absent", True)
    assert status(NAME) == 200
    lost = JournalEntry.objects.filter(action="domain_record_lost", city_id=alpha.pk)
    assert lost.count() == 1, "told once, not every day"
    actions.make_primary(by=OPERATOR, domain=Domain.objects.get(tenant=alpha, is_primary=False))
    with pytest.raises(actions.DomainRefused):
        actions.make_primary(by=OPERATOR, domain=verified)
    dns_server.texts[RECORD] = [[verified.token]]
    with clock.frozen(start + timedelta(days=12)):
        round_of_checks(run_jobs)
    verified.refresh_from_db()
    assert verified.check_error == ""
    assert JournalEntry.objects.filter(action="domain_record_found").count() == 1


def test_a_bad_hour_of_dns_is_no_lost_record(
    verified: Domain, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    dns_server.codes[RECORD] = dns.rcode.SERVFAIL
    with clock.frozen(verified.created_at + timedelta(days=8)):
        round_of_checks(run_jobs)
    verified.refresh_from_db()
    assert verified.check_error == "server"
    assert not JournalEntry.objects.filter(action="domain_record_lost").exists()
    actions.make_primary(by=OPERATOR, domain=verified)


def test_the_platforms_own_names_are_never_asked_about(
    alpha: City, dns_server: Nameserver, run_jobs: RunJobs
) -> None:
    with clock.frozen(clock.now() + timedelta(days=400)):
        round_of_checks(run_jobs)
    assert dns_server.asked == []
    with pytest.raises(actions.DomainRefused):
        actions.check(by=OPERATOR, domain=primary_domain(alpha))


# --- Isolation --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", [NAME, NAME.upper(), f"{NAME}.", f"{NAME}:8000", f"{NAME.title()}.:443"]
)
def test_an_unconfirmed_domain_leads_nowhere_however_it_is_written(
    waiting: Domain, host: str
) -> None:
    for path in ("/", "/about/", "/desk/", "/account/sign-in/"):
        response = Client(headers={"host": host}).get(path)
        assert response.status_code == 404
        assert "Полтава" not in response.text


def test_a_session_or_link_of_one_city_does_nothing_at_anothers_domain(
    verified: Domain, alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    actions.make_primary(by=OPERATOR, domain=verified)
    foreign = Client(headers={"host": NAME})
    with inside(beta):
        foreign.force_login(make(beta).administrator)
    assert foreign.get("/desk/").status_code == 302
    token = make(beta).follow_token(make(beta).question("published"))
    assert foreign.get(f"/follow/{token}/").status_code == 410
    own = Client(headers={"host": NAME})
    with inside(alpha):
        own.force_login(make(alpha).administrator)
    assert own.get("/desk/").status_code == 200, "the control"
    own.defaults["HTTP_HOST"] = "ternopil.bezpechne.test"
    assert own.get("/desk/", headers={"host": "ternopil.bezpechne.test"}).status_code == 302


def test_a_host_is_found_by_one_query_whatever_it_is(
    verified: Domain, django_assert_num_queries: Any
) -> None:
    for host in (NAME, "poltava.bezpechne.test", "nowhere.example"):
        resolution.forget()
        with django_assert_num_queries(1):
            resolution.find(host)
            resolution.find(host)
