"""Private questions: asked, answered, read by three sides, and seen by nobody else by any route."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from community.answers import links as unit_links
from community.answers.actions import answering, passing, rating, routing
from community.answers.actions import joining as joining_of_answers
from community.answers.models import Answer, Routing
from community.desk import phrases
from community.desk.queries import queue, tab_counts
from community.desk.similar import similar_to
from community.insights.months import figures_of
from community.notices.models import Notice
from community.questions import queries
from community.questions.actions import asking, joining, moderating, withdrawing
from community.questions.actions.privacy import forget_askers
from community.questions.actions.topics import TopicRefused, change_topic, words_of
from community.questions.models import Asker, Cell, Question, Topic
from community.questions.states import NEVER_PRIVATE, QuestionState, StateChangeRefused
from tenants.current import enter_city
from tenants.models import City
from tests.factories import Inside, Make, Maker, RunJobs
from tests.factories import inside as entered

# Stand in no page of the product.
ASKED, PLACE, ANSWERED = "Зозулястий крик за стіною щовечора", "біля кавомлина", "Кажанячий патруль"
WORD = answering.Words(text=f"{ANSWERED} приходив.", competence="Дільничний.", next_step="Завтра.")
CONFIRMED = ["in_moderation", "clarification", "rejected", "withdrawn"]
STATES = [*CONFIRMED, "unconfirmed", "private_waiting", "private_answered"]
# What the moderator writes to the unit.
NOTES = ["Там двоє дітей", "Додайте телефон", "Чоловік повернувся", "Родина переїхала"]
NOT_PUBLISHED = "Це питання не буде опубліковано"


def private(made: Make, state: str = "in_moderation", **fields: Any) -> Question:
    """On the topic of domestic violence."""
    values = {"topic": "domestic", "text": f"{ASKED}, що робити?", "place": PLACE, **fields}
    question = made.question(state, **values)
    if state == "private_answered":
        with entered(made.city):
            Answer.objects.filter(question=question).update(public_text=WORD.text)
    return question


def shows(body: str) -> bool:
    """Whether any of a private question's words are there."""
    return any(words in body for words in (ASKED, PLACE, ANSWERED))


# --- the whole way ----------------------------------------------------------------------------


def test_a_private_question_is_asked_passed_on_answered_and_read(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any], client_of: Any
) -> None:
    made, resident, desk = make(alpha), client_of(alpha), client_of(alpha)
    unit = made.unit("Дільничні", "beat@example.org")
    with inside(alpha):
        desk.force_login(made.moderator)
    form = resident.get("/ask/")
    assert "Домашнє насильство – не публікується" in form.text
    assert form.text.count(NOT_PUBLISHED) == 2, "beside the topic and before the button"
    assert alpha.centre is not None
    sent = {
        "submit_key": str(uuid4()),
        "happening_now": "no",
        "topic": "domestic",
        "private_topics": form.context["form"].private_topics,
        "text": f"{ASKED}, що робити?",
        "place": PLACE,
        "lat": alpha.centre[0],
        "lon": alpha.centre[1],
        "name": "Одарка",
        "email": "odarka@example.org",
        "consent": "on",
    }
    assert NOT_PUBLISHED in resident.post("/ask/", sent, follow=True).text
    with inside(alpha):
        asker = Asker.objects.select_related("question").get()
        question, token = asking.confirm(asker=asker), made.follow_token(asker.question)
    assert question.is_private
    follow = f"/follow/{token}/"
    assert NOT_PUBLISHED in resident.get(follow).text
    assert "На мапі" not in resident.get(follow).text

    item = f"/desk/q/{question.pk}/"
    assert "непублічне" in desk.get("/desk/").text
    page = desk.get(item).text
    assert "Передати на відповідь" in page
    assert f"{item}publish/" not in page
    assert f"{item}join/" not in page
    assert desk.post(f"{item}route/", {"route-unit": unit.pk}).status_code == 302
    with inside(alpha):
        row = Routing.objects.select_related("question").get()
        assert row.question.state == QuestionState.PRIVATE_WAITING
        link = f"/answer/{made.unit_token(row)}/"
    assert "Дільничні" in resident.get(follow).text
    stranger = client_of(alpha)
    page = stranger.get(link).text
    assert ASKED in page
    assert "Це питання непублічне" in page
    stranger.post(f"{link}accept/")
    stranger.post(f"{link}submit/", {"text": WORD.text, "competence": "", "next_step": ""})
    assert "опублікован" not in stranger.get(link).text
    assert "на мапі" not in stranger.get(f"{link}receipt/").text
    with inside(alpha):
        answer = Answer.objects.get()
    assert "Надіслати відповідь" in desk.get(item).text
    desk.post(
        f"{item}answer/{answer.pk}/publish/",
        {"publish_answer-text": WORD.text, "publish_answer-seen": answer.changed_at.isoformat()},
    )
    page = resident.get(follow).text
    assert ANSWERED in page
    assert f"/q/{question.pk}/" not in page
    dead = stranger.get(link)
    assert dead.status_code == 410, "answered: the unit's link is over"
    assert "Мешканець отримав відповідь" in dead.text
    with inside(alpha):
        told = answering.version_of(Answer.objects.get())
    corrected = {"text": WORD.text, "note": "Додано телефон", "seen": told}
    page = desk.post(
        f"{item}answer/{answer.pk}/correct/",
        {f"correct-{name}": value for name, value in corrected.items()},
        follow=True,
    ).text
    assert "Виправлено. Мешканець отримає лист" in page
    assert "Усі бачать" not in page
    run_jobs()
    letters = [message for message in outbox if message.to == ["odarka@example.org"]]
    assert any(ANSWERED in message.body for message in letters)
    for message in outbox:
        told = f"{message.subject} {message.body} {message.alternatives}"
        assert "мап" not in told.lower(), message.subject
        assert f"/q/{question.pk}/" not in told
        assert message.to == ["odarka@example.org"] or ASKED not in told

    # Helped or not, another answer, and back.
    resident.post(f"{follow}helped/", {"helped": "no"})
    resident.post(f"{follow}reopen/", {"reopen-reason": "Немає жодного терміну."})
    desk.post(
        f"{item}answer/{answer.pk}/take-back/", {"take_back-reason": "Мешканка просить іншої"}
    )
    with inside(alpha):
        question.refresh_from_db()
        assert question.state == QuestionState.PRIVATE_WAITING
    assert stranger.get(link).status_code == 200
    resident.post(f"{follow}withdraw/", {"withdraw-reason": ""})
    assert stranger.get(link).status_code == 410
    resident.post(f"{follow}undo/")
    with inside(alpha):
        question.refresh_from_db()
        assert (question.state, question.is_private) == (QuestionState.IN_MODERATION, True)
        assert not history_of(question).filter(action="published").exists()


def test_letters_of_every_step_promise_no_publication(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    by, unit = made.moderator.actor, made.unit()
    question = private(made)

    def answer() -> Answer:
        return Answer.objects.latest("id")

    steps: list[Callable[[], object]] = [
        lambda: moderating.ask_back(by=by, question=question, text="Чи є діти?"),
        lambda: asking.reply(question=question, text="Так"),
        lambda: moderating.reject(by=by, question=question, reason="Спершу подзвоніть 102"),
        lambda: moderating.reconsider(by=by, question=question),
        lambda: routing.route(by=by, question=question, unit=unit, note=NOTES[0]),
        lambda: answering.submit(routing=Routing.objects.get(), words=WORD),
        lambda: answering.send_back(by=by, answer=answer(), reason=NOTES[1]),
        lambda: passing.pass_on(
            routing=Routing.objects.get(), name="Олена", email="olena@example.org", note=""
        ),
        lambda: passing.take_back(door=unit_links.own_door(Routing.objects.get())),
        lambda: answering.submit(routing=Routing.objects.get(), words=WORD),
        lambda: answering.publish(by=by, answer=answer(), words=WORD),
        lambda: answering.correct(by=by, answer=answer(), words=WORD, note="Додано телефон"),
        lambda: rating.rate(question=question, helped=False),
        lambda: rating.ask_reopening(question=question, reason="Немає жодного терміну."),
        lambda: rating.keep_answer(by=by, question=question, reason="Термін є."),
        lambda: answering.take_back(by=by, answer=answer(), reason=NOTES[2]),
        lambda: routing.withdraw(by=by, routing=Routing.objects.get(), reason=NOTES[3]),
    ]
    with inside(alpha):
        for step in steps:
            step()
            run_jobs()
            enter_city(alpha)
        kinds = set(Notice.objects.filter(sent_at__isnull=False).values_list("kind", flat=True))
    assert kinds == {
        *("received", "clarification", "rejected", "taken_on", "answered", "corrected"),
        *("reopen_declined", "routed", "answer_receipt", "answer_sent_back", "passed_on"),
        "pass_withdrawn",
        "routing_withdrawn",
    }
    for message in outbox:
        told = f"{message.subject}\n{message.body}"
        assert "мап" not in told.lower(), told
        assert f"/q/{question.pk}/" not in told, told
        to_resident = message.to[0].startswith("odarka")
        if not to_resident:
            assert not shows(told), "no mailbox of a unit keeps it"
            assert not [note for note in NOTES if note in told], told


def test_the_units_page_says_why_its_answer_came_back_and_keeps_it(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question, by = private(made), made.moderator.actor
    row = made.routing(question, made.unit())
    link = f"/answer/{made.unit_token(row)}/"
    assert NOTES[1] not in client_of(alpha).get(link).text
    with inside(alpha):
        answer = answering.submit(routing=row, words=WORD)
        answering.send_back(by=by, answer=answer, reason=NOTES[1])
    page = client_of(alpha).get(link).text
    assert NOTES[1] in page
    assert ANSWERED in page
    with inside(alpha):
        again = answering.submit(routing=row, words=WORD)
    assert NOTES[1] not in client_of(alpha).get(link).text
    with inside(alpha):
        answering.send_back(by=by, answer=again, reason=NOTES[1])
        other = made.unit("Інші", "else@example.org")
        anew = routing.route(by=by, question=question, unit=other)
        link = f"/answer/{made.unit_token(anew)}/"
    page = client_of(alpha).get(link).text
    assert NOTES[1] not in page, "what another unit was told"
    assert ANSWERED not in page


# --- nobody else ------------------------------------------------------------------------------


def routes(question: Question) -> list[str]:
    """Everything that a visitor may open."""
    box = f"bbox={question.lon - 1},{question.lat - 1},{question.lon + 1},{question.lat + 1}"
    near = f"near={question.lat},{question.lon}"
    pages = [
        "/",
        "/?topic=domestic",
        "/?status=waiting",
        "/?status=answered",
        f"/?{near}",
        f"/?{near}&topic=domestic",
        "/about/",
        "/help/",
        "/ask/",
        f"/q/{question.pk}/",
    ]
    data = ["/map/pins.json?" + box, f"/map/pins.json?{box}&topic=domestic", "/files/card-uk.png"]
    return [*pages, *(f"/en{page}" for page in pages), *data]


@pytest.mark.parametrize("state", STATES)
def test_no_page_of_the_public_shows_it(
    alpha: City, beta: City, make: Maker, client_of: Any, state: str
) -> None:
    made = make(alpha)
    question = private(made, state, photos=1)
    with entered(made.city):
        photo = question.photos.get()
        counted = queries.counts()
        assert not Cell.objects.exists()
    assert (counted.asked, counted.answered, counted.waiting) == (0, 0, 0)
    for city in (alpha, beta):
        visitor = client_of(city)
        for path in routes(question):
            answer = visitor.get(path)
            assert not shows(answer.content.decode("utf-8", "replace")), path
            assert answer.status_code == (404 if "/q/" in path else 200), path
        pins = visitor.get(next(path for path in routes(question) if "pins" in path)).json()
        assert pins == {"pins": [], "clusters": [], "more": False}
        for size in ("full", "thumbnail"):
            assert visitor.get(f"/files/photo/{photo.key}/{size}.jpg").status_code == 404
        draft = f"/files/photo/draft/{photo.submit_key}/{photo.key}.jpg"
        assert visitor.get(draft).status_code == 404


@pytest.mark.parametrize("state", ["private_waiting", "private_answered"])
def test_links_of_others_do_not_lead_to_it(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any, state: str
) -> None:
    made, elsewhere = make(alpha), make(beta)
    question = private(made, state, photos=1)
    other = made.question("published", email="other@example.org")
    wide = made.routing(unit=made.wide_unit())
    narrow = made.routing(unit=made.unit("Сектор", "sector@example.org"))
    with inside(alpha):
        photo = question.photos.get()
        routed = Routing.objects.filter(question=question).first()
        own = made.follow_token(question)
        unit_link = made.unit_token(routed) if routed else ""
    visitor = client_of(alpha)
    follow = made.follow_token(other)
    assert visitor.get(f"/follow/{follow}/").status_code == 200
    assert not shows(visitor.get(f"/follow/{follow}/").text)
    assert visitor.get(f"/follow/{follow}/photo/{photo.key}/full.jpg").status_code == 404
    for link in (made.unit_token(wide), made.unit_token(narrow)):
        assert visitor.get(f"/answer/{link}/").status_code == 200
        for path in ("", "others/", "receipt/"):
            assert not shows(visitor.get(f"/answer/{link}/{path}").text)
        assert visitor.get(f"/answer/{link}/photo/{photo.key}/full.jpg").status_code == 404
        if routed:
            dead = visitor.get(f"/answer/{link}.{routed.pk}/")
            assert dead.status_code == 410
            assert not shows(dead.text)
    for path in (f"/follow/{own}/", f"/answer/{unit_link or 'x'}/", f"/desk/q/{question.pk}/"):
        answer = client_of(beta).get(path)
        assert answer.status_code in {302, 404, 410}
        assert not shows(answer.text)
    boss = client_of(alpha)
    with inside(beta):
        boss.force_login(elsewhere.administrator)
    assert not shows(boss.get(f"/desk/q/{question.pk}/", follow=True).text)


def test_a_wide_link_of_another_letter_does_not_open_it(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    unit = made.wide_unit()
    public, hidden = made.routing(unit=unit), private(made)
    row = made.routing(hidden, unit)
    link = made.unit_token(public)
    visitor = client_of(alpha)
    assert not shows(visitor.get(f"/answer/{link}/others/").text)
    assert f"{link}/others/" not in visitor.get(f"/answer/{link}/").text, "nor is it counted"
    refused = visitor.get(f"/answer/{link}.{row.pk}/")
    assert refused.status_code == 410
    assert not shows(refused.text)
    assert visitor.post(f"/answer/{link}.{row.pk}/accept/").status_code == 404
    # Its own letter opens it, and the public one besides.
    own = made.unit_token(row)
    assert ASKED in visitor.get(f"/answer/{own}/").text
    assert ASKED in visitor.get(f"/answer/{own}/others/").text
    assert visitor.get(f"/answer/{own}.{public.pk}/").status_code == 200
    assert ASKED in visitor.get(f"/answer/{own}.{row.pk}/").text


def test_what_the_public_counts_has_no_private_ones(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    question = private(made, "private_answered")
    closed = private(made)
    with inside(alpha):
        rating.rate(question=question, helped=True)
        moderating.reject(by=made.moderator.actor, question=closed, reason="Зверніться до суду")
        found = figures_of(clock.today().replace(day=1))
    assert found["questions.received"] == 2
    names = ("questions.published", "questions.answered", "answers.rated", "answers.helped")
    assert [found[name] for name in (*names, "questions.rejected")] == [0, 0, 0, 0, 0]
    assert found["answers.wait_hours_median"] is None


# --- never published, never joined ------------------------------------------------------------


@pytest.mark.parametrize("state", ["in_moderation", "clarification"])
def test_the_moderator_cannot_publish_it(
    alpha: City, make: Maker, inside: Inside, client_of: Any, state: str
) -> None:
    made, desk = make(alpha), client_of(alpha)
    question = private(made, state)
    with inside(alpha):
        desk.force_login(made.moderator)
    answer = desk.post(
        f"/desk/q/{question.pk}/publish/",
        {
            "public-topic": "trade",
            "public-text": question.text,
            "public-place": PLACE,
            "public-lat": question.lat,
            "public-lon": question.lon,
        },
    )
    assert answer.status_code == 422
    assert "Це питання непублічне" in answer.text
    with inside(alpha):
        question.refresh_from_db()
        assert (question.state, question.topic.code) == (state, "domestic")


@pytest.mark.parametrize("state", [*NEVER_PRIVATE, "private_waiting"])
def test_the_database_refuses_what_no_action_does(
    alpha: City, make: Maker, inside: Inside, state: str
) -> None:
    question = private(make(alpha)) if state in NEVER_PRIVATE else make(alpha).question()
    dated = {"published_at": clock.now(), "answered_at": clock.now()}
    with inside(alpha), pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(state=state, **dated)
    for field, value in (("public_text", "Текст"), ("published_at", clock.now())):
        row = private(make(alpha))
        with inside(alpha), pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.filter(pk=row.pk).update(**{field: value})


@pytest.mark.parametrize("way", ["private to public", "public to private", "private to private"])
def test_it_is_joined_to_nothing(
    alpha: City, make: Maker, inside: Inside, client_of: Any, way: str
) -> None:
    made, desk = make(alpha), client_of(alpha)
    one, other = (private(made) if side == "private" else made.question() for side in ends(way))
    with inside(alpha):
        desk.force_login(made.moderator)
        states = [one.state, other.state]
    answer = desk.post(f"/desk/q/{one.pk}/join/", {"join-number": other.pk})
    assert answer.status_code == 422
    with inside(alpha):
        for row in (one, other):
            row.refresh_from_db()
        assert [one.state, other.state] == states
        assert not one.followers.exists()
        assert not other.followers.exists()
        with pytest.raises(StateChangeRefused):
            joining.join(by=made.moderator.actor, question=one, other=other)


def ends(way: str) -> tuple[str, str]:
    first, _to, second = way.split()
    return first, second


def test_it_is_never_proposed_as_similar(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    words = f"{ASKED}, що робити?"
    for state in ("in_moderation", "private_waiting", "private_answered"):
        private(made, state)
    question = made.question(text=words)
    with inside(alpha):
        assert similar_to(question) == []


def test_no_phrase_leads_to_its_page(alpha: City, make: Maker, inside: Inside) -> None:
    question = private(make(alpha))
    with inside(alpha):
        values = phrases.values_for(question)
        token = make(alpha).follow_token(question)
    assert f"/q/{question.pk}" not in values["link"]
    assert token not in values["link"]


# --- fixed at asking --------------------------------------------------------------------------


def set_private(made: Make, code: str, *, is_private: bool) -> None:
    with entered(made.city):
        Topic.objects.filter(code=code).update(is_private=is_private)


def test_a_topic_that_changes_changes_no_old_question(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    closed = private(made, "private_answered", topic="juvenile")
    opened = made.question("published", text="Чому тут щодня торгують з землі?")
    set_private(made, "juvenile", is_private=False)
    set_private(made, "trade", is_private=True)
    visitor = client_of(alpha)
    assert visitor.get(f"/q/{closed.pk}/").status_code == 404
    assert "торгують" in visitor.get(f"/q/{opened.pk}/").text
    assert "торгують" in visitor.get("/").text
    assert not shows(visitor.get("/").text)


def test_another_topic_keeps_it_private(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made, desk = make(alpha), client_of(alpha)
    question = private(made)
    with inside(alpha):
        desk.force_login(made.moderator)
    desk.post(f"/desk/q/{question.pk}/topic/", {"topic-topic": "noise"})
    with inside(alpha):
        question.refresh_from_db()
        assert (question.topic.code, question.is_private) == ("noise", True)
        with pytest.raises(StateChangeRefused):
            moderating.publish(
                by=made.moderator.actor, question=question, public=Make.public(question)
            )
    public = made.question()
    answer = desk.post(f"/desk/q/{public.pk}/topic/", {"topic-topic": "noise"})
    assert answer.status_code == 422


@pytest.mark.parametrize("told", ["-", "domestic juvenile trade"])
def test_a_form_from_before_the_topic_changed_is_read_again(
    alpha: City, inside: Inside, client_of: Any, told: str
) -> None:
    """What was promised beside the topic is what happens."""
    assert alpha.centre is not None
    sent = {
        "submit_key": str(uuid4()),
        "happening_now": "no",
        "topic": "domestic" if told == "-" else "trade",
        "private_topics": told,
        "text": "Чому біля зупинки щодня стоять машини на тротуарі?",
        "place": PLACE,
        "lat": alpha.centre[0],
        "lon": alpha.centre[1],
        "name": "Одарка",
        "email": "odarka@example.org",
        "consent": "on",
    }
    client = client_of(alpha)
    answer = client.post("/ask/", sent)
    assert answer.status_code == 422
    assert "Ця тема щойно" in answer.text or "Цю тему щойно" in answer.text
    assert PLACE in answer.text, "what was typed stays"
    again = {**sent, "private_topics": answer.context["form"].private_topics}
    assert client.post("/ask/", again).status_code == 302
    with inside(alpha):
        assert Question.objects.get().is_private == (told == "-")


def test_nothing_is_published_on_a_private_topic(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    by, new, old = made.moderator.actor, made.question(), made.question("published")
    with inside(alpha):
        domestic = Topic.objects.get(code="domestic")
        with pytest.raises(StateChangeRefused):
            moderating.publish(by=by, question=new, public=Make.public(new, topic=domestic))
        with pytest.raises(StateChangeRefused):
            moderating.edit(by=by, question=old, public=Make.public(old, topic=domestic))
    set_private(made, "trade", is_private=True)
    with inside(alpha):
        new.topic.refresh_from_db()
        with pytest.raises(StateChangeRefused):
            moderating.publish(by=by, question=new, public=Make.public(new))
        # A published one may still be mended.
        moderating.edit(by=by, question=old, public=Make.public(old, text="Виправлено"))


# --- made private -----------------------------------------------------------------------------


def test_the_moderator_makes_one_private_for_good_with_a_reason(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made, desk = make(alpha), client_of(alpha)
    question = made.question(text=f"{ASKED}, що робити?")
    with inside(alpha):
        desk.force_login(made.moderator)
    path = f"/desk/q/{question.pk}/private/"
    assert desk.post(path, {"make_private-reason": ""}).status_code == 422
    assert desk.post(path, {"make_private-reason": "Названо сусідку"}).status_code == 302
    with inside(alpha):
        question.refresh_from_db()
        entry = history_of(question).get(action="made_private")
    assert question.is_private
    assert entry.note == "Названо сусідку"
    assert desk.post(path, {"make_private-reason": "Ще раз те саме"}).status_code == 422
    page = client_of(alpha).get(f"/follow/{made.follow_token(question)}/").text
    assert NOT_PUBLISHED in page
    assert "Названо сусідку" not in page


def test_what_the_public_once_read_of_it_is_taken_away(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question = made.question("published", text=f"{ASKED}, що робити?")
    with inside(alpha):
        withdrawing.withdraw(question=question)
        withdrawing.undo_withdrawal(question=question)
        moderating.make_private(by=made.moderator.actor, question=question, reason="Просить")
        question.refresh_from_db()
        assert (question.public_text, question.published_at) == ("", None)
        assert ASKED in history_of(question).get(action="made_private").old["public_text"]
    made.routing(question)
    assert client_of(alpha).get(f"/q/{question.pk}/").status_code == 404


def test_photos_that_the_public_was_not_shown_reach_the_unit_and_nobody_else(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question, by = made.question(photos=2), made.moderator.actor
    with inside(alpha):
        public = replace(Make.public(question), photos=[])
        moderating.publish(by=by, question=question, public=public)
        withdrawing.withdraw(question=question)
        withdrawing.undo_withdrawal(question=question)
        moderating.make_private(by=by, question=question, reason="Просить")
        row = routing.route(by=by, question=question, unit=made.unit())
        link = f"/answer/{made.unit_token(row)}/"
        keys = [photo.key for photo in question.photos.all()]
    visitor = client_of(alpha)
    page = visitor.get(link).text
    for key in keys:
        assert f"{link}photo/{key}/thumbnail.jpg" in page
        picture = visitor.get(f"{link}photo/{key}/full.jpg")
        assert (picture.status_code, picture.getvalue()[:2]) == (200, b"\xff\xd8")
        assert visitor.get(f"/files/photo/{key}/full.jpg").status_code == 404


@pytest.mark.parametrize("state", ["published", "answered", "hidden", "rejected", "withdrawn"])
def test_only_one_in_moderation_becomes_private(
    alpha: City, make: Maker, inside: Inside, state: str
) -> None:
    made = make(alpha)
    question = made.question(state)
    with inside(alpha), pytest.raises(StateChangeRefused):
        moderating.make_private(by=made.moderator.actor, question=question, reason="Пізно")


def test_one_that_others_follow_does_not_become_private(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    root = made.question()
    double = made.joined(root)
    by = made.moderator.actor
    with inside(alpha):
        with pytest.raises(StateChangeRefused):
            moderating.make_private(by=by, question=root, reason="Названо сусідку")
        joining.separate(by=by, question=double)
        moderating.make_private(by=by, question=root, reason="Названо сусідку")
        with pytest.raises(StateChangeRefused):
            joining_of_answers.join(by=by, question=double, other=root)


# --- the desk ---------------------------------------------------------------------------------


def test_the_desk_finds_private_ones_in_its_usual_lists(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    rows = {
        "new": private(made),
        "with_units": private(made, "private_waiting"),
        "answered": private(made, "private_answered"),
    }
    lone = private(made)
    row = made.routing(lone)
    waiting = private(made)
    made.submitted(made.routing(waiting, made.unit("Інші", "else@example.org")))
    with inside(alpha):
        routing.pass_back(routing=row, reason="Не наше")
        for tab, question in {**rows, "to_route": lone, "answers": waiting}.items():
            assert [one.pk for one in queue(tab)] == [question.pk], tab
        counted = tab_counts(queries.tallies())
        assert [counted[tab] for tab in ("new", "to_route", "with_units", "answers")] == [1] * 4
        assert counted["answered"] == 1
        oldest = queries.oldest_waiting()
        assert oldest is not None
        assert oldest.pk == rows["with_units"].pk


def test_one_that_no_unit_takes_is_closed_with_a_reason_and_can_be_taken_up_again(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made, desk = make(alpha), client_of(alpha)
    question = private(made)
    unit = made.unit()
    row = made.routing(question, unit)
    with inside(alpha):
        desk.force_login(made.moderator)
        routing.pass_back(routing=row, reason="Не наше")
    assert "Закрити без відповіді" in desk.get(f"/desk/q/{question.pk}/").text
    desk.post(f"/desk/q/{question.pk}/reject/", {"reject-reason": "Зверніться до суду"})
    assert (
        "Зверніться до суду" in client_of(alpha).get(f"/follow/{made.follow_token(question)}/").text
    )
    desk.post(f"/desk/q/{question.pk}/reconsider/")
    with inside(alpha):
        question.refresh_from_db()
        again = routing.route(by=made.moderator.actor, question=question, unit=unit)
        assert again.question.state == QuestionState.PRIVATE_WAITING


def test_one_closed_while_a_unit_has_it_is_over_for_the_unit(
    alpha: City, make: Maker, inside: Inside, client_of: Any, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    """A opens the page, B passes the question on, A closes it from the old page."""
    made, desk = make(alpha), client_of(alpha)
    question, by = private(made), made.moderator.actor
    with inside(alpha):
        desk.force_login(made.moderator)
        row = routing.route(by=by, question=question, unit=made.unit())
        answer = answering.submit(routing=row, words=WORD)
        link = f"/answer/{made.unit_token(row)}/"
    answered = desk.post(f"/desk/q/{question.pk}/reject/", {"reject-reason": "Зверніться до суду"})
    assert answered.status_code == 302
    run_jobs()
    with inside(alpha):
        row.refresh_from_db()
        answer.refresh_from_db()
        assert (row.state, answer.state) == ("withdrawn", "withdrawn")
        kinds = set(Notice.objects.filter(sent_at__isnull=False).values_list("kind", flat=True))
        assert {"routing_withdrawn", "rejected"} <= kinds
        moderating.reconsider(by=by, question=question)
        routing.route(by=by, question=question, unit=made.unit("Інші", "else@example.org"))
    assert client_of(alpha).get(link).status_code == 410
    assert not any("суду" in message.body for message in outbox if "odarka" not in message.to[0])


def test_an_answer_by_phone_needs_no_unit_with_a_mailbox(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    question = private(made)
    answer = made.answer(question, publish=True)
    with inside(alpha):
        question.refresh_from_db()
        assert question.state == QuestionState.PRIVATE_ANSWERED
        answering.take_back(by=made.moderator.actor, answer=answer, reason="Помилка")
        question.refresh_from_db()
        assert question.state == QuestionState.PRIVATE_WAITING


def test_a_private_question_is_forgotten_in_time_like_others(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = private(make(alpha), "private_answered")
    with inside(alpha), clock.frozen(clock.now() + timedelta(days=400)):
        assert forget_askers() == 1
        assert not Asker.objects.filter(question=question).exists()


@pytest.mark.parametrize("path", ["/", "/desk/", "/desk/?tab=with_units", "/desk/?tab=answered"])
def test_thirty_cost_as_many_queries_as_one(
    alpha: City, make: Maker, inside: Inside, client_of: Any, path: str
) -> None:
    made, client = make(alpha), client_of(alpha)
    with inside(alpha):
        client.force_login(made.moderator)
    # From here on the page offers some of the units, in both rounds.
    for _ in range(60):
        made.unit()
    counted: list[int] = []
    for number in (1, 29):
        for _ in range(number):
            for state in ("in_moderation", "private_waiting", "private_answered"):
                private(made, state)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counted.append(len(captured))
    assert counted[0] == counted[1]


# --- topics -----------------------------------------------------------------------------------


def test_new_cities_start_with_two_private_topics(alpha: City, inside: Inside) -> None:
    with inside(alpha):
        rows = Topic.objects.filter(is_private=True).order_by("code")
        assert list(rows.values_list("code", flat=True)) == ["domestic", "juvenile"]
        public = {row.code for row in queries.public_topics()}
        assert not public & {"domestic", "juvenile"}


def test_domestic_violence_stays_private_and_the_page_says_why(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    boss = client_of(alpha)
    with inside(alpha):
        boss.force_login(make(alpha).administrator)
        topics = {row.code: row for row in Topic.objects.all()}
    for code, status in (("domestic", 422), ("juvenile", 302)):
        path = f"/desk/city/topics/{topics[code].pk}/"
        form = boss.get(path).context["form"]
        data = {field.name: field.value() for field in form if field.value()}
        assert data.pop("is_private") is True
        answer = boss.post(path, data)
        assert answer.status_code == status
        with inside(alpha):
            assert Topic.objects.get(code=code).is_private == (code == "domestic")
        if code == "domestic":
            assert "Тема домашнього насильства завжди непублічна" in answer.text
    topic, by = topics["domestic"], make(alpha).administrator.actor
    opened = replace(words_of(topic), is_private=False)
    with inside(alpha), pytest.raises(TopicRefused):
        change_topic(by=by, topic=topic, words=opened)


def test_the_form_says_how_many_stay_as_they_are(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made, boss = make(alpha), client_of(alpha)
    for _ in range(2):
        made.question("published")
    private(made)
    with inside(alpha):
        boss.force_login(made.administrator)
        topics = {row.code: row.pk for row in Topic.objects.all()}
    page = boss.get(f"/en/desk/city/topics/{topics['trade']}/").text
    assert "2 questions on this topic are published and stay so" in page
    page = boss.get(f"/en/desk/city/topics/{topics['domestic']}/").text
    assert "1 question on this topic is private and stays so" in page


def test_a_topic_of_the_catalogue_is_added_private_where_it_starts_so(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    boss = client_of(alpha)
    with inside(alpha):
        boss.force_login(make(alpha).administrator)
        Topic.objects.filter(code__in=["domestic", "juvenile"]).delete()
    boss.post("/desk/city/topics/add/", {"codes": ["domestic", "lighting"]})
    with inside(alpha):
        found = dict(Topic.objects.values_list("code", "is_private"))
    assert (found["domestic"], found["lighting"]) == (True, False)
