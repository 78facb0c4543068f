"""The notice names the controller, consents keep their version, and the promised term is kept."""

from datetime import timedelta
from typing import Any

import pytest

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from community.questions import consent
from community.questions.actions.privacy import forget_askers
from community.questions.models import Asker, PrivacyNotice, Question
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker
from tests.route_table import question_form

PAGE = "/desk/city/privacy/"
NOTICE = {
    "controller": "Полтавська міська рада",
    "controller_code": "24388285",
    "address": "вул. Соборності, 36",
    "email": "rada@poltava.example",
    "months_kept": "6",
    "log_months": "3",
}


def write(client: CityClient, **more: str) -> None:
    assert client.post(PAGE, NOTICE | more).status_code == 302


def test_before_the_city_writes_one_the_platform_s_terms_are_told(
    alpha: City, client_of: Any
) -> None:
    visitor = client_of(alpha)
    page = visitor.get("/privacy/")
    assert page.status_code == 200
    assert page.context["notice"].version == consent.CURRENT
    assert "/privacy/" in visitor.get("/").text
    assert "/privacy/" in visitor.get("/ask/").text
    assert visitor.get("/en/privacy/").status_code == 200


def test_residents_read_who_is_responsible(boss: CityClient, alpha: City, client_of: Any) -> None:
    write(boss, more_uk="Приймаємо по вівторках.", more_en="Open on Tuesdays.")
    visitor = client_of(alpha)
    text = visitor.get("/privacy/").text
    for told in ("Полтавська міська рада", "24388285", "rada@poltava.example", "по вівторках"):
        assert told in text
    assert "Tuesdays" in visitor.get("/en/privacy/").text


def test_each_question_keeps_the_version_that_was_agreed_to(
    boss: CityClient, alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    before = make(alpha).question("published")
    write(boss, consent_uk="Погоджуюся з умовами міста", consent_en="I agree with the city")
    visitor = client_of(alpha)
    page = visitor.get("/ask/")
    assert "Погоджуюся з умовами міста" in page.text
    after = make(alpha).question("published")
    with inside(alpha):
        old = Asker.objects.get(question=before).consent_version
        new = Asker.objects.get(question=after).consent_version
    assert old == consent.CURRENT
    assert new != old
    assert visitor.get(f"/privacy/{new}/").status_code == 200
    assert visitor.get(f"/privacy/{old}/").context["in_force"] is False


def test_terms_that_changed_while_somebody_wrote_are_read_again(
    boss: CityClient, alpha: City, client_of: Any, inside: Inside
) -> None:
    visitor = client_of(alpha)
    seen = visitor.get("/ask/").context["form"].privacy.version
    write(boss)
    data = question_form(alpha, consent_version=seen)
    told = visitor.post("/ask/", data)
    assert told.status_code == 422
    assert "consent" in told.context["form"].errors
    fresh = told.context["form"].privacy.version
    assert visitor.post("/ask/", data | {"consent_version": fresh}).status_code == 302


def test_a_change_is_a_new_version_and_the_same_is_none(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    write(boss)
    write(boss)
    write(boss, months_kept="12")
    with inside(alpha):
        versions = list(PrivacyNotice.objects.order_by("id").values_list("version", "months_kept"))
    assert [months for _version, months in versions] == [6, 12]
    assert versions[0][0] != versions[1][0]


def test_the_second_of_two_administrators_is_told(boss: CityClient, alpha: City) -> None:
    form = boss.get(PAGE).context["form"]
    both = NOTICE | {"seen": form["seen"].value()}
    assert boss.post(PAGE, both).status_code == 302
    late = boss.post(PAGE, both | {"controller": "Інші"})
    assert late.status_code == 422
    assert "Полтавська міська рада" in late.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"controller": ""},
        {"controller_code": "12"},
        {"email": "ні"},
        {"months_kept": "0"},
        {"months_kept": "61"},
        {"months_kept": "9" * 30},
        {"log_months": "37"},
        {"consent_uk": "Лише українською"},
        {"more_en": "English alone"},
    ],
)
def test_what_is_wrong_comes_back(
    boss: CityClient, alpha: City, inside: Inside, wrong: dict[str, str]
) -> None:
    response = boss.post(PAGE, NOTICE | wrong)
    assert response.status_code == 422
    assert next(iter(wrong)).split("_")[0] in str(response.context["form"].errors.as_json())
    with inside(alpha):
        assert not PrivacyNotice.objects.exists()


def test_who_asked_is_forgotten_when_the_term_is_over(
    boss: CityClient, alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    write(boss, months_kept="6")
    with clock.frozen(clock.now() - timedelta(days=200)):
        old, waiting = make(alpha).question("answered"), make(alpha).question("published")
        rejected = make(alpha).question("rejected")
    fresh = make(alpha).question("answered")
    link = make(alpha).follow_token(old)
    with inside(alpha):
        assert forget_askers() == 2
        kept = set(Asker.objects.values_list("question_id", flat=True))
        assert kept == {waiting.pk, fresh.pk}
        assert Question.objects.filter(pk__in=[old.pk, rejected.pk]).count() == 2
        assert Entry.objects.filter(action="asker_forgotten").count() == 2
        assert forget_askers() == 0
    assert boss.get(f"/desk/q/{old.pk}/").status_code == 200
    assert client_of(alpha).get(f"/q/{old.pk}/").status_code == 200
    assert client_of(alpha).get(f"/follow/{link}/").status_code == 410


def test_the_term_begins_anew_with_each_event(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    write(boss, months_kept="6")
    with clock.frozen(clock.now() - timedelta(days=200)):
        question = make(alpha).question("published")
    make(alpha).answer(question, publish=True)
    with inside(alpha):
        assert forget_askers() == 0


def test_another_city_s_notice_is_not_there(
    boss: CityClient, alpha: City, beta: City, client_of: Any, inside: Inside
) -> None:
    write(boss)
    with inside(alpha):
        code = PrivacyNotice.objects.get().version
    assert client_of(beta).get(f"/privacy/{code}/").status_code == 404
    assert "Полтавська" not in client_of(beta).get("/privacy/").text


def test_a_moderator_writes_no_notice(moderator: CityClient) -> None:
    assert moderator.post(PAGE, NOTICE).status_code == 403


@pytest.mark.parametrize("code", ["x", "%00", "9" * 300, "..%2F", "’"])
def test_no_version_breaks_the_page(alpha: City, client_of: Any, code: str) -> None:
    assert client_of(alpha).get(f"/privacy/{code}/").status_code in {400, 404}
