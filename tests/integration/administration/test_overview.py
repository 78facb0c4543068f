"""The overview: true figures, letters nobody got with residents masked, a fixed cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock, metering
from bezpechne.kernel.schema import current_schema
from community.insights.months import recount_last
from community.notices.models import Notice
from community.notices.queries import masked
from community.notices.receivers import MAIL_JOB
from community.questions.models import Asker
from community.timesheet.months import first_of
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

PAGE = "/desk/overview/"


def give_up(city: City, inside: Inside, notice: Notice) -> None:
    """As the queue does after its last attempt."""
    with inside(city), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', %s, jsonb_build_object('mail_id', %s::bigint, 'schema', %s::text),"
            " 'failed')",
            [MAIL_JOB, notice.pk, current_schema()],
        )


def test_what_waits_longest_is_one_click_away(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    first = make(alpha).question("published")
    make(alpha).question("published")
    new = make(alpha).question("in_moderation")
    make(alpha).question("answered")
    page = boss.get(PAGE)
    assert page.context["oldest"] == first
    assert page.context["oldest_new"] == new
    assert (page.context["waiting"], page.context["new"]) == (2, 1)
    assert f'href="/desk/q/{first.pk}/"' in page.text


def test_the_chart_has_the_counts_of_the_night(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    make(alpha).question("answered")
    make(alpha).question("published")
    assert boss.get(PAGE).context["counted"] is False
    with inside(alpha):
        recount_last()
    page = boss.get(PAGE)
    assert page.context["this_month"].answered.value == 1
    assert page.context["this_month"].received.value == 2
    assert page.context["this_month"].median == 0
    assert len(page.context["months"]) == 1


def test_another_city_s_counts_do_not_show(boss: CityClient, alpha: City, beta: City) -> None:
    month = first_of(clock.today())
    metering.put_months({(month, "questions.answered"): 77}, schema=beta.schema_name)
    assert boss.get(PAGE).context["this_month"].answered.value == 0


def test_letters_nobody_got_name_the_unit_and_mask_the_resident(
    boss: CityClient, alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("published")
    routing = make(alpha).routing(question, make(alpha).unit("Патруль", "dead@police.example"))
    with inside(alpha):
        Asker.objects.filter(question=question).update(email="odarka.secret@mistyped.example")
        notices = [
            Notice.objects.get(kind="routed", recipient_id=routing.pk),
            Notice.objects.get(kind="published", recipient_id=question.pk),
        ]
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
            sent_at=None, error="SMTPRecipientsRefused"
        )
    for notice in notices:
        give_up(alpha, inside, notice)
        give_up(beta, inside, notice)
    text = boss.get(PAGE).text
    assert "dead@police.example" in text
    assert "o•••@mistyped.example" in text
    assert "odarka" not in text
    assert len(boss.get(PAGE).context["refused"]) == 2


def test_a_letter_to_a_colleague_or_a_follower_shows_no_other_resident(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    root = made.question("published")
    made.joined(root)
    passed = made.passed(made.routing())
    made.answer(root, publish=True)
    with inside(alpha):
        follower = Notice.objects.get(kind="answered_follower")
        notices = [follower, Notice.objects.get(kind="passed_on")]
        # Somebody else's question has the number of the row that the letter is for.
        Asker.objects.update(email="stranger@wrong.example")
        Asker.objects.filter(question__duplicate_of=root).update(email="follower@right.example")
    for notice in notices:
        give_up(alpha, inside, notice)
    rows = {row.notice.kind: row for row in boss.get(PAGE).context["refused"]}
    assert rows["answered_follower"].masked == "f•••@right.example"
    assert rows["passed_on"].unit.name == passed.routing.unit.name
    assert rows["passed_on"].masked == "o•••@example.org"
    assert "stranger" not in boss.get(PAGE).text
    assert "wrong.example" not in boss.get(PAGE).text


def test_a_letter_that_was_sent_after_all_is_not_told(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("published")
    with inside(alpha):
        notice = Notice.objects.get(kind="published", recipient_id=question.pk)
        Notice.objects.filter(pk=notice.pk).update(sent_at=clock.now())
    give_up(alpha, inside, notice)
    assert boss.get(PAGE).context["refused"] == []


@pytest.mark.parametrize(
    ("email", "told"), [("a@b.example", "a•••@b.example"), ("", ""), ("x", "")]
)
def test_an_address_is_masked(email: str, told: str) -> None:
    assert masked(email) == told


def test_it_costs_the_same_for_more_of_everything(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    counts: list[int] = []
    boss.get(PAGE)
    for many in (1, 12):
        for number in range(many):
            question = make(alpha).question("published")
            unit = make(alpha).unit(f"П {many} {number}", f"u{many}{number}@example.org")
            routing = make(alpha).routing(question, unit)
            with inside(alpha):
                notices: Any = list(
                    Notice.objects.filter(kind__in=["routed", "published"], sent_at=None).filter(
                        question_id=routing.question_id
                    )
                )
            for notice in notices:
                give_up(alpha, inside, notice)
        boss.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(PAGE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_moderator_has_no_overview(moderator: CityClient) -> None:
    assert moderator.get(PAGE).status_code == 403
