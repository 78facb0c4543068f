"""Asking and confirming: one question a form, limits, dead links, what is purged."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry, history_of
from community.notices.models import Notice
from community.questions import consent, links
from community.questions.actions import asking
from community.questions.actions.asking import AskRefused
from community.questions.actions.photos import arrange_photos, keep_photo, waiting_photos
from community.questions.models import MAX_PHOTOS, Asker, Photo, Question, Tally
from community.questions.queries import tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Maker, RunJobs


def later(**span: float) -> Any:
    """Holds the clock some time from now."""
    return clock.frozen(clock.now() + timedelta(**span))


def wrong(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_what_was_asked_is_stored_with_the_version_of_the_consent(
    alpha: City, make: Maker, inside: Inside
) -> None:
    asker = make(alpha).asker(text="Сусід погрожує ножем біля під’їзду", share_name=True)
    with inside(alpha):
        question = Question.objects.get(pk=asker.question_id)
        assert question.state == QuestionState.UNCONFIRMED
        assert (question.is_urgent, question.happening_now) == (True, False)
        assert question.emergency_words == ["погрожує ножем"]
        assert asker.consent_version == consent.CURRENT
        assert asker.share_name
        assert [entry.action for entry in history_of(question)] == ["asked"]
        assert tallies()[QuestionState.UNCONFIRMED] == 1


def test_the_same_form_twice_is_one_question(alpha: City, make: Maker, inside: Inside) -> None:
    key = uuid4()
    first, second = (make(alpha).asker(submit_key=key, email="a@example.org") for _ in range(2))
    assert first.pk == second.pk
    with inside(alpha):
        assert Question.objects.count() == 1
        assert Notice.objects.count() == 1
        assert tallies()[QuestionState.UNCONFIRMED] == 1


def test_a_point_outside_is_refused_even_past_the_form(alpha: City, make: Maker) -> None:
    with pytest.raises(AskRefused):
        make(alpha).asker(point=(50.45, 30.52))
    assert make(alpha).asker(point=alpha.centre, point_is_rough=True).question.point_is_rough


def test_a_suspended_city_takes_no_question(alpha: City, make: Maker) -> None:
    alpha.state = "suspended"
    alpha.save()
    with pytest.raises(AskRefused):
        make(alpha).asker()


def test_a_stranger_cannot_be_flooded_by_asking(
    alpha: City, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    for _ in range(asking.MAILS_PER_ADDRESS):
        make(alpha).asker(email="victim@example.org")
    for address in ("victim@example.org", "VICTIM@example.org"):
        with pytest.raises(AskRefused):
            make(alpha).asker(email=address)
    run_jobs()
    assert len(outbox) == asking.MAILS_PER_ADDRESS


def test_resending_and_correcting_count_towards_the_same_limit(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    asker = make(alpha).asker(email="victim@example.org")
    other = make(alpha).asker(email="other@example.org")
    with inside(alpha):
        for _ in range(asking.MAILS_PER_ADDRESS - 2):
            asking.resend_confirmation(asker=asker, visitor="v")
        asking.correct_address(asker=other, email="victim@example.org", visitor="v")
        with pytest.raises(AskRefused):
            asking.resend_confirmation(asker=asker, visitor="v")
        with pytest.raises(AskRefused):
            asking.resend_confirmation(asker=other, visitor="v")
        with pytest.raises(AskRefused):
            asking.correct_address(asker=other, email="victim@example.org", visitor="v")
    run_jobs()
    assert len([m for m in outbox if "victim" in m.to[0]]) <= asking.MAILS_PER_ADDRESS


def test_an_hour_later_the_address_may_be_written_to_again(
    alpha: City, make: Maker, inside: Inside
) -> None:
    for _ in range(asking.MAILS_PER_ADDRESS):
        asker = make(alpha).asker(email="victim@example.org")
    with inside(alpha), later(hours=1, seconds=1):
        asking.resend_confirmation(asker=asker, visitor="v")


def test_one_connection_cannot_ask_without_end(
    alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    def ask(city: City) -> None:
        draft = make(city).draft()
        with inside(city):
            asking.submit(draft=draft, visitor="203.0.113.7")

    for _ in range(asking.QUESTIONS_PER_VISITOR):
        ask(alpha)
    with pytest.raises(AskRefused):
        ask(alpha)
    ask(beta)


def test_a_link_confirms_and_confirming_again_changes_nothing(
    alpha: City, make: Maker, inside: Inside
) -> None:
    asker = make(alpha).asker()
    with inside(alpha):
        assert asking.confirm(asker=asker).state == QuestionState.IN_MODERATION
        before = Entry.objects.count()
        assert asking.confirm(asker=asker).state == QuestionState.IN_MODERATION
        assert Entry.objects.count() == before
        assert tallies()[QuestionState.IN_MODERATION] == 1
        assert Notice.objects.filter(kind="received").count() == 1


def test_a_rejected_question_is_not_confirmed_back(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("rejected")
    with inside(alpha):
        assert asking.confirm(asker=question.asker).state == QuestionState.REJECTED


def test_a_link_older_than_a_week_is_refused(alpha: City, make: Maker, inside: Inside) -> None:
    asker = make(alpha).asker()
    with inside(alpha), later(days=asking.CONFIRM_DAYS, seconds=5):
        with pytest.raises(AskRefused):
            asking.confirm(asker=asker)
        assert Question.objects.get().state == QuestionState.UNCONFIRMED


def test_a_resend_kills_the_old_link_and_code(alpha: City, make: Maker, inside: Inside) -> None:
    asker = make(alpha).asker()
    with inside(alpha):
        old_link, old_code = links.confirm_token(asker), links.confirm_code(asker)
        pending = links.pending_token(asker)
        asking.resend_confirmation(asker=asker, visitor="v")
        fresh = Asker.objects.get()
        assert links.asker_by(links.CONFIRM, old_link) is None
        assert links.asker_by(links.PENDING, pending) == fresh
        assert links.asker_by(links.CONFIRM, links.confirm_token(fresh)) == fresh
        with pytest.raises(AskRefused):
            asking.confirm_by_code(asker=fresh, code=old_code)
        asking.confirm_by_code(asker=fresh, code=links.confirm_code(fresh))


def test_a_link_of_one_kind_opens_nothing_of_another(
    alpha: City, make: Maker, inside: Inside
) -> None:
    asker = make(alpha).asker()
    with inside(alpha):
        made = {
            links.CONFIRM: links.confirm_token(asker),
            links.PENDING: links.pending_token(asker),
            links.FOLLOW: links.follow_token(asker),
        }
        for kind, token in made.items():
            for asked in made:
                assert (links.asker_by(asked, token) == asker) is (asked == kind)
        assert links.asker_by(links.FOLLOW, "") is None
        assert links.asker_by(links.FOLLOW, asker.follow_hash) is None


def test_ten_wrong_codes_close_the_door_for_the_right_one_too(
    alpha: City, make: Maker, inside: Inside
) -> None:
    asker = make(alpha).asker()
    with inside(alpha):
        right = links.confirm_code(asker)
        for _ in range(asking.CODE_ATTEMPTS):
            with pytest.raises(AskRefused):
                asking.confirm_by_code(asker=asker, code=wrong(right))
        with pytest.raises(AskRefused, match=r"Ten|Десять"):
            asking.confirm_by_code(asker=asker, code=right)
        asking.resend_confirmation(asker=asker, visitor="v")
        fresh = Asker.objects.get()
        assert (fresh.code_attempts, fresh.question.state) == (0, QuestionState.UNCONFIRMED)
        confirmed = asking.confirm_by_code(asker=fresh, code=links.confirm_code(fresh))
        assert confirmed.state == QuestionState.IN_MODERATION


def test_the_link_works_after_ten_wrong_codes(alpha: City, make: Maker, inside: Inside) -> None:
    asker = make(alpha).asker()
    with inside(alpha):
        for _ in range(asking.CODE_ATTEMPTS):
            with pytest.raises(AskRefused):
                asking.confirm_by_code(asker=asker, code="")
        assert asking.confirm(asker=asker).state == QuestionState.IN_MODERATION


def test_a_code_lives_a_day(alpha: City, make: Maker, inside: Inside) -> None:
    asker = make(alpha).asker()
    with inside(alpha), later(hours=24, seconds=5), pytest.raises(AskRefused):
        asking.confirm_by_code(asker=asker, code=links.confirm_code(asker))


def test_an_address_is_corrected_three_times_at_most(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    asker = make(alpha).asker(email="typo0@example.org")
    with inside(alpha):
        old = links.confirm_token(asker)
        for number in range(1, asking.MAX_CORRECTIONS + 1):
            asking.correct_address(asker=asker, email=f"typo{number}@example.org", visitor="v")
        with pytest.raises(AskRefused):
            asking.correct_address(asker=asker, email="typo9@example.org", visitor="v")
        fresh = Asker.objects.get()
        assert fresh.email == "typo3@example.org"
        assert links.asker_by(links.CONFIRM, old) is None
        assert not Entry.objects.filter(new__icontains="typo").exists()
    run_jobs()
    assert [message.to for message in outbox] == [["typo3@example.org"]]


def test_a_confirmed_address_is_not_corrected(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("in_moderation")
    with inside(alpha):
        with pytest.raises(AskRefused):
            asking.resend_confirmation(asker=question.asker, visitor="v")
        with pytest.raises(AskRefused):
            asking.correct_address(asker=question.asker, email="thief@example.org", visitor="v")
        assert Asker.objects.get().email != "thief@example.org"


def test_a_reply_returns_the_question_to_the_queue_once(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("clarification")
    with inside(alpha):
        asking.reply(question=question, text="Зупинка «Ринок»")
        with pytest.raises(StateChangeRefused):
            asking.reply(question=question, text="Зупинка «Ринок»")
        question.refresh_from_db()
        assert question.state == QuestionState.IN_MODERATION
        assert [remark.from_resident for remark in question.remarks.all()] == [False, True]


def test_lost_links_go_to_the_asker_alone_and_three_times_an_hour(
    alpha: City, beta: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    email = "odarka@example.org"
    asked = make(alpha).question("published", email=email)
    make(alpha).asker(email=email)
    elsewhere = make(beta).question("published", email=email)
    run_jobs()
    outbox.clear()
    with inside(alpha):
        for moment in range(5):
            with later(seconds=moment):
                asking.find_lost_links(email="ODARKA@example.org" if moment else email, visitor="v")
        asking.find_lost_links(email="nobody@example.org", visitor="v")
    run_jobs()
    assert [message.to for message in outbox] == [[email]] * 3
    assert make(alpha).follow_token(asked) in outbox[0].body
    assert make(beta).follow_token(elsewhere) not in outbox[0].body


def files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_nobody_confirmed_is_purged_with_its_photos(
    alpha: City, make: Maker, inside: Inside, django_capture_on_commit_callbacks: Any
) -> None:
    make(alpha).question("unconfirmed", photos=2)
    kept = make(alpha).question("in_moderation", photos=1)
    make(alpha).draft_photo()
    assert len(files()) == 4 * 3
    with inside(alpha):
        with (
            later(days=asking.CONFIRM_DAYS - 1),
            django_capture_on_commit_callbacks(execute=True),
        ):
            assert asking.purge_unconfirmed() == 0
            assert Photo.objects.count() == 3
        with (
            later(days=asking.CONFIRM_DAYS, seconds=9),
            django_capture_on_commit_callbacks(execute=True),
        ):
            assert asking.purge_unconfirmed() == 1
        assert Question.objects.get() == kept
        assert Asker.objects.count() == 1
        assert Photo.objects.count() == 1
        assert tallies()[QuestionState.UNCONFIRMED] == 0
        assert Entry.objects.filter(action="purged").count() == 1
    assert len(files()) == 3


def test_a_purge_taken_back_keeps_the_files(
    alpha: City, make: Maker, inside: Inside, django_capture_on_commit_callbacks: Any
) -> None:
    make(alpha).question("unconfirmed", photos=1)
    with (
        inside(alpha),
        later(days=8),
        django_capture_on_commit_callbacks(execute=True),
        transaction.atomic(),
    ):
        assert asking.purge_unconfirmed() == 1
        transaction.set_rollback(True)
    with inside(alpha):
        assert Photo.objects.count() == 1
    assert len(files()) == 3


def test_a_fresh_draft_photo_outlives_the_purge(alpha: City, make: Maker, inside: Inside) -> None:
    make(alpha).draft_photo()
    with inside(alpha), later(hours=23):
        asking.purge_unconfirmed()
        assert Photo.objects.count() == 1


def test_photos_wait_for_their_form_and_five_are_enough(
    alpha: City, make: Maker, inside: Inside, django_capture_on_commit_callbacks: Any
) -> None:
    key, stranger = uuid4(), uuid4()
    kept = [make(alpha).draft_photo(key) for _ in range(MAX_PHOTOS)]
    with inside(alpha):
        with pytest.raises(ValueError, match="5"):
            keep_photo(submit_key=key, file=pictures.upload(pictures.jpeg()), visitor="v")
        with django_capture_on_commit_callbacks(execute=True):
            arrange_photos(submit_key=stranger, order=[], remove=[photo.key for photo in kept])
            arrange_photos(submit_key=key, order=[], remove=[kept[0].key])
        assert waiting_photos(key) == kept[1:]
    assert len(files()) == 4 * 3
    question = make(alpha).question("unconfirmed", submit_key=key)
    with inside(alpha):
        assert list(question.photos.all()) == kept[1:]
        assert waiting_photos(key) == []


def test_no_name_or_address_is_in_history_tallies_or_users(
    alpha: City, make: Maker, inside: Inside
) -> None:
    make(alpha).question("answered", email="odarka@example.org")
    with inside(alpha):
        rows = [*Entry.objects.values(), *Tally.objects.values(), *Notice.objects.values()]
        assert "odarka" not in str(rows).lower()
        assert "Одарка" not in str(rows)
        assert not User.objects.filter(email="odarka@example.org").exists()
