"""What breaks around the product: nothing is lost, nothing happens twice, everybody is told."""

from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation, wait_until
from tests.e2e.mail import Mailbox
from tests.e2e.steps import WorkingCity

# The request's own wait: a job of the worker may stand before another lock at the same moment.
_WAITERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    " AND query LIKE '%INSERT INTO public.kernel_throttle%'"
)


@pytest.fixture(scope="module")
def city(make_city: Callable[[str], WorkingCity]) -> WorkingCity:
    """A city of its own: many questions are asked here."""
    return make_city("Луцьк")


def _is_waiting(installation: Installation) -> bool:
    """Whether a request stands before the lock of the counters."""
    with installation.database() as connection:
        return connection.execute(_WAITERS).fetchone() != (0,)


def test_three_quick_presses_make_one_question(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    email = city.new_resident()
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    steps.fill(steps.ask_form(page), steps.ask_fields(email, photos=[steps.photo_file()]))
    steps.ask_form(page).locator("button.button--primary").click(click_count=3, delay=20)
    page.wait_for_url("**/ask/sent/**")
    first = mailbox.wait_for_mail(email)
    steps.confirm_by_code(page, first)
    expect(page.locator("main .photos img")).to_have_count(1)
    mailbox.wait_for_mail(email, link_part="/follow/")
    # The next question has the next number: nothing was made in between.
    number, _email = city.question(page)
    assert number == steps.number_in(first) + 1
    assert len(mailbox.to(email)) == 2


def test_the_same_form_sent_from_two_windows_makes_one_question(
    city: WorkingCity, mailbox: Mailbox, visitors: Visitors
) -> None:
    """What a browser without scripts, or two taps in a tunnel, would send."""
    email = city.new_resident()
    page = visitors.arrive(java_script_enabled=False)
    page.goto(city.at("/ask/"))
    steps.fill(steps.ask_form(page), steps.ask_fields(email, place="біля вокзалу"))
    button = steps.ask_form(page).locator("button.button--primary")
    windows = []
    for _ in range(2):
        with page.context.expect_page() as opened:
            button.click(modifiers=["Control"])
        windows.append(opened.value)
    steps.send(steps.ask_form(page))
    page.wait_for_url("**/ask/sent/**")
    for window in windows:
        window.wait_for_url(page.url)
    mailbox.wait_for_mail(email)
    number, _email = city.question(visitors.arrive())
    assert len(mailbox.to(email)) == 1
    assert number == steps.number_in(mailbox.to(email)[0]) + 1


def test_going_back_loses_nothing_and_repeats_nothing(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    email = city.new_resident()
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    steps.fill(steps.ask_form(page), steps.ask_fields(email))
    # Away to read how it works, and back: the question and its place are still there.
    page.goto(city.at("/about/"))
    page.go_back()
    expect(page.locator("[name='text']")).to_have_value(steps.QUESTION)
    expect(page.locator("[name='topic']")).to_have_value("parking")
    expect(page.locator("#pick-map .pin-target--chosen")).to_be_visible()
    steps.send(steps.ask_form(page), steps.ask_fields(email))
    page.wait_for_url("**/ask/sent/**")
    first = mailbox.wait_for_mail(email)

    # Back from «check your mail»: whatever the browser still shows, another text is a new question.
    page.go_back()
    page.wait_for_url("**/ask/")
    page.go_forward()
    page.wait_for_url("**/ask/sent/**")
    expect(page.locator("[name='code']")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/ask/")
    steps.put_pin(page, 10, 10)
    another = "А хто прибирає сніг біля школи, і коли саме?"
    steps.send(steps.ask_form(page), steps.ask_fields(email, text=another))
    page.wait_for_url("**/ask/sent/**")
    second = mailbox.wait_for_mail(email)
    assert steps.number_in(second) == steps.number_in(first) + 1
    page.goto(second.link("/confirm/"))
    expect(page.locator("main")).to_contain_text(another)


def test_a_database_restarted_under_a_request_keeps_what_was_typed(
    installation: Installation, city: WorkingCity, mailbox: Mailbox, page: Page, visitors: Visitors
) -> None:
    email = city.new_resident()
    page.goto(city.at("/ask/"))
    steps.put_pin(page)
    steps.fill(steps.ask_form(page), steps.ask_fields(email))
    visitors.watch.expect("^503 ")
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    # The request is held in the middle of its work; then every connection ends, the test's too.
    with (
        suppress(psycopg.OperationalError),
        installation.database() as blocker,
        blocker.transaction(),
    ):
        blocker.execute("LOCK TABLE public.kernel_throttle IN ACCESS EXCLUSIVE MODE")
        steps.ask_form(page).locator("button.button--primary").click(no_wait_after=True)
        wait_until(lambda: _is_waiting(installation), "the request waits for the lock")
        installation.restart_database()
    form = page.locator("main form")
    expect(form).to_be_visible()
    (answer,) = (answer for answer in answers if answer.request.is_navigation_request())
    assert answer.status == 503
    assert answer.headers["retry-after"].isdigit()
    expect(page.locator("main")).to_contain_text(steps.QUESTION)

    # The next request works: the same form, sent again from there.
    steps.send(form)
    page.wait_for_url("**/ask/sent/**")
    steps.confirm_by_code(page, mailbox.wait_for_mail(email))
    expect(page.locator("main")).to_contain_text(steps.QUESTION)


def test_idle_connections_broken_by_a_restart_cost_no_visitor_a_page(
    installation: Installation, city: WorkingCity, page: Page
) -> None:
    # The map has its pins and names: no request is under way, the connections are idle.
    page.goto(city.at(), wait_until="networkidle")
    installation.restart_database()
    for _ in range(6):
        answer = page.goto(city.at("/?status=waiting"))
        assert answer is not None
        assert answer.status == 200


def test_while_the_database_refuses_a_page_says_so_and_the_next_one_works(
    installation: Installation, city: WorkingCity, visitors: Visitors
) -> None:
    page = visitors.arrive()
    visitors.watch.expect("^503 ")
    with installation.database_refuses():
        answer = page.goto(city.at())
        assert answer is not None
        assert answer.status == 503
        assert answer.headers["retry-after"].isdigit()
        expect(page.locator("main a.button")).to_be_visible()
    page.locator("main a.button").click()
    expect(page.locator("#map")).to_be_visible()


def test_a_worker_killed_while_sending_loses_no_letter(
    installation: Installation, city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    emails = [city.new_resident() for _ in range(4)]
    # The mail server takes its time; the worker is killed with letters in its hands.
    with mailbox.hangs():
        for email in emails:
            steps.ask(page, city.address, email)
        wait_until(lambda: mailbox.hung >= 2, "the worker sends two letters at once")
        installation.kill_worker()
    # A new worker sends at once what nobody had begun, and the rest when the dead worker's
    # heartbeat has been missing for half a minute; the test sets it back instead of waiting.
    installation.start_worker()
    for email in emails[2:]:
        mailbox.wait_for_mail(email)
    with installation.database() as connection:
        connection.execute(
            "UPDATE public.procrastinate_workers w SET last_heartbeat = now() - interval '1 minute'"
            " FROM public.procrastinate_jobs j WHERE j.worker_id = w.id AND j.status = 'doing'"
        )
    installation.manage(
        "shell", "-v0", "-c", "from bezpechne.kernel.queue import recover_stalled as r; r()"
    )
    for email in emails[:2]:
        mailbox.wait_for_mail(email)
    assert [len(mailbox.to(email)) for email in emails] == [1, 1, 1, 1]


def test_letters_wait_while_the_mail_server_is_down(
    city: WorkingCity, mailbox: Mailbox, page: Page
) -> None:
    emails = [city.new_resident() for _ in range(2)]
    with mailbox.is_down():
        for email in emails:
            steps.ask(page, city.address, email)
    # Tried again after 3, 9, 27 seconds.
    letters = [mailbox.wait_for_mail(email, seconds=60) for email in emails]
    steps.confirm_by_code(page, letters[-1])
