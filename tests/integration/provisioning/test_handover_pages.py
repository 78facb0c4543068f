"""A finance officer leads a hand-over through its pages, from the list to the day of the change."""

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.kernel import clock, metering
from billing.models import CityAccount, Paper
from billing.states import PaperKind, PayerKind
from provisioning.handover.figures import HELPED, MEDIAN, RATED, demand
from provisioning.handover.models import CHECKLIST, Handover
from provisioning.handover.states import Decision, Stage
from tenants.models import City
from tests.handovers import Leading
from tests.money import Money

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture(autouse=True)
def _july() -> Iterator[None]:
    with clock.frozen(datetime(2026, 7, 10, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def officer(db: None, client_of: Callable[..., Client]) -> Client:
    client = client_of(None)
    client.force_login(Money().officer())
    return client


def at(page: str, *args: Any) -> str:
    return reverse(f"handover:{page}", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)


def send(client: Client, url: str, status: int = 302, /, **data: Any) -> str:
    answer = client.post(url, data)
    said = unescape(answer.content.decode())
    assert answer.status_code == status, re.findall(r'(?s)class="error[^>]*>(.*?)</', said)
    return said


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.pdf", PDF)


def test_the_whole_way_through_the_pages(officer: Client, alpha: City) -> None:
    money = Money()
    account = money.account(alpha)
    money.fund(money.agreement(account))
    council = money.payer(PayerKind.LOCAL_BUDGET, "Полтавська міська рада")
    send(officer, at("new"), account=account.slug)
    row = Handover.objects.get()
    step, following = at("step", row.pk), at("next", row.pk)
    forms: list[dict[str, Any]] = [
        {"council": council.pk, "owner_id": row.owner_id},
        {"trial_starts": "2026-01-01", "trial_ends": "2026-06-30", "published": 30},
        {
            "representative": "Роман",
            "checked_on": "2026-07-01",
            **{f"passed_{number}": "yes" for number in range(len(CHECKLIST))},
            "remark_0": "Назвали заступника",
        },
        {"decision": Decision.HAND_OVER, "decided_on": "2026-07-02"},
        {"number": "М-1", "dated_on": "2026-07-03", "copy": paper()},
        {
            "first_month": "2026-10",
            "months": 3,
            "monthly_amount": "18 500,00",
            "engagement": "service",
            "kpkvk": "0218230",
            "request_sent_on": "2026-07-04",
            "copy": paper(),
        },
        {"number": "123-VIII", "dated_on": "2026-07-05", "copy": paper()},
    ]
    for form in forms:
        assert officer.get(step).status_code == 200
        send(officer, step, **form)
        send(officer, following)
    row.refresh_from_db()
    assert (row.stage, row.thresholds) == (Stage.CONTRACT, {"published": 30})
    assert row.checklist[0]["remark"] == "Назвали заступника"
    kinds = {kind for (kind,) in Paper.objects.values_list("kind")}
    assert kinds == {PaperKind.MEMORANDUM, PaperKind.BUDGET_REQUEST, PaperKind.DECISION}
    contract = money.agreement(account, council, days=(date(2026, 10, 1), date(2026, 12, 31)))
    send(officer, step, contract=contract.pk)
    page = unescape(officer.get(at("switch", row.pk)).content.decode())
    assert "01.10.2026" in page
    send(officer, at("switch", row.pk), 422, on="2026-10-02")
    send(officer, at("switch", row.pk), on="2026-10-01")
    row.refresh_from_db()
    assert (row.stage, row.switch_on) == (Stage.SWITCH, date(2026, 10, 1))
    assert officer.get(at("page", row.pk)).status_code == 200


def test_what_was_typed_comes_back_and_another_step_is_told(officer: Client, alpha: City) -> None:
    lead = Leading(alpha)
    lead.lead_to(Stage.REQUEST)
    url = at("step", lead.row.pk)
    said = send(
        officer, url, 422, first_month="2026-11", months=5, monthly_amount="12х", kpkvk="12"
    )
    assert "12х" in said
    said = send(
        officer,
        url,
        422,
        first_month="2026-11",
        months=5,
        monthly_amount="12",
        engagement="service",
    )
    assert "календарн" in said
    # The form of a step that a colleague has left.
    old = f"{at('step', lead.row.pk)}?from={Stage.DECISION}"
    said = send(officer, old, 422, decision=Decision.CLOSE, decided_on="2026-07-01")
    assert "Бюджетний запит" in said
    assert Handover.objects.get().decision == Decision.HAND_OVER


def test_a_scan_that_is_none_keeps_nothing(officer: Client, alpha: City) -> None:
    lead = Leading(alpha)
    lead.lead_to(Stage.MEMORANDUM)
    html = SimpleUploadedFile("scan.pdf", b"<html>")
    send(officer, at("step", lead.row.pk), 422, number="1", dated_on="2026-07-01", copy=html)
    assert Handover.objects.get().memorandum_id is None


def test_two_presses_lead_one_step_on(officer: Client, alpha: City) -> None:
    lead = Leading(alpha)
    lead.lead_to(Stage.DECISION)
    lead.fill(**lead.values(Stage.DECISION))
    url = f"{at('next', lead.row.pk)}?from={Stage.DECISION}"
    for _press in range(2):
        assert officer.post(url).status_code == 302
    assert Handover.objects.get().stage == Stage.MEMORANDUM


def test_evidence_and_drafts_are_filled_from_data(officer: Client, alpha: City) -> None:
    lead = Leading(alpha)
    lead.lead_to(Stage.COUNCIL)
    for month, published, answered in ((5, 20, 10), (6, 30, 30)):
        for name, value in (
            ("questions.published", published),
            ("questions.answered", answered),
            ("questions.published_answered", answered),
            (MEDIAN, 108),
            (RATED, 10),
            (HELPED, 8),
            ("hours.answers", 600),
        ):
            metering.put(f"month.{name}", value, day=date(2026, month, 1), schema=alpha.schema_name)
    # A neighbour's figures count for nobody else.
    metering.put("month.questions.published", 999, day=date(2026, 6, 1), schema="city_ternopil")
    values = {figure.label: figure.shown for figure in demand(lead.row).figures}
    assert values["Опубліковано питань на місяць"] == "25"
    assert values["Частка питань із відповіддю, %"] == "80,0"
    assert values["Медіанний строк відповіді, днів"] == "4,5"
    assert values["Години модератора на одну відповідь"] == "0,50"
    assert values["Переходи із сайту поліції на місяць"] == "—"
    answer = officer.get(at("evidence", lead.row.pk))
    assert answer.content.startswith(b"%PDF")
    for kind in ("memorandum", "request"):
        assert officer.get(at("draft", lead.row.pk, kind, "pdf")).content.startswith(b"%PDF")
        content = officer.get(at("draft", lead.row.pk, kind, "docx")).content
        with zipfile.ZipFile(BytesIO(content)) as archive:
            text = re.sub(r"<[^>]+>", "", archive.read("word/document.xml").decode())
        assert "Міська рада" in text
    assert officer.get(at("draft", lead.row.pk, "will", "pdf")).status_code == 404


def test_a_request_that_lacks_its_sum_says_so(officer: Client, alpha: City) -> None:
    lead = Leading(alpha)
    answer = officer.get(at("draft", lead.row.pk, "request", "pdf"), follow=True)
    assert "оплату за місяць" in unescape(answer.content.decode())


def test_lists_cost_the_same_with_few_and_many(officer: Client, alpha: City) -> None:
    Leading(alpha)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert officer.get(at("list")).status_code == 200
        return len(found)

    few = cost()
    for number in range(60):
        account = CityAccount.objects.create(
            katottg=f"UA{number:017}", slug=f"c{number}", name_uk=f"М{number}", name_en="x"
        )
        Handover.objects.create(account=account)
    assert cost() == few
