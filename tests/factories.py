"""Rows of one city for tests, made by the product's own actions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation, User
from bezpechne.kernel import clock, tokens
from community.answers import letters
from community.answers import links as unit_links
from community.answers.actions import answering, joining, passing, rating, routing
from community.answers.models import Answer, Letter, Pass, Routing, Unit
from community.questions import links
from community.questions.actions import asking, moderating, moving, withdrawing
from community.questions.actions.photos import keep_photo
from community.questions.models import Asker, Photo, Question, Topic
from community.questions.states import QuestionState
from community.timesheet.actions import approving, writing
from community.timesheet.models import Timesheet
from provisioning.acting.actions import hand_over
from provisioning.provisioning import OPERATOR
from tenants.current import entered
from tenants.models import City
from tests import pictures

PASSWORD = "correct horse battery"
WORDS = answering.Words(
    text="Патруль перевірив місце і склав протокол.",
    competence="Відповідає патрульна поліція.",
    next_step="Повторна перевірка до п’ятниці.",
)


@contextmanager
def inside(city: City | None) -> Iterator[None]:
    """Puts this thread into a city, or into `public` for None."""
    with entered(city.schema_name if city else "public"):
        yield


class Make:
    """Every method enters the city itself."""

    def __init__(self, city: City | None) -> None:
        self._city = city

    @property
    def city(self) -> City:
        assert self._city is not None, "The platform has users and invitations alone."
        return self._city

    # --- people ---------------------------------------------------------------------------------

    def user(self, role: str = "moderator", email: str = "", **fields: Any) -> User:
        with inside(self._city):
            return User.objects.create_user(
                email or f"{role}-{uuid4().hex[:6]}@example.org",
                PASSWORD,
                role=role,
                name=fields.pop("name", f"Ім’я {role}"),
                **fields,
            )

    def _known(self, role: str, email: str, name: str) -> User:
        with inside(self._city):
            found = User.objects.filter(email=email).first()
        return found or self.user(role, email, name=name)

    @property
    def moderator(self) -> User:
        """The city's moderator, made on first use."""
        return self._known("moderator", "moderator@example.org", "Марко Модератор")

    @property
    def administrator(self) -> User:
        """The city's administrator, made on first use."""
        return self._known("administrator", "boss@example.org", "Адріана Голова")

    @property
    def operator(self) -> User:
        """An account of an operator, wherever it was put."""
        return self._known("operator", "operator@example.org", "Оксана Операторка")

    def acting_link(self, reason: str = "Просять допомогти з картою") -> str:
        """An operator's way into the city as its administrator; works for a day here."""
        by = Make(None).operator.actor
        with inside(None), clock.frozen(clock.now() + timedelta(days=1)):
            return hand_over(by=by, city=self.city, reason=reason)

    def invitation(self, email: str = "", role: str = "moderator") -> Invitation:
        """Open, by the operator."""
        with inside(self._city):
            address = email or f"new-{uuid4().hex[:6]}@example.org"
            return accounts.invite(by=OPERATOR, email=address, role=role, name="Нова Людина")

    def token(self, purpose: str, row: int, version: int = 1) -> str:
        """The link that the city would mail."""
        with inside(self._city):
            return tokens.make(purpose, row, version)

    # --- questions ------------------------------------------------------------------------------

    def draft(self, **fields: Any) -> asking.Draft:
        """What a form holds after its checks."""
        with inside(self.city):
            values: dict[str, Any] = {
                "submit_key": uuid4(),
                "topic": Topic.objects.get(code=fields.pop("topic", "trade")),
                "text": "Чому біля зупинки щодня стоять машини на тротуарі?",
                "point": self.city.centre,
                "point_is_rough": False,
                "place": "біля зупинки",
                "name": "Одарка Секретна",
                "email": f"odarka-{uuid4().hex[:6]}@example.org",
                "share_name": False,
                "happening_now": False,
                "language": "uk",
            }
            return asking.Draft(**{**values, **fields})

    def asker(self, **fields: Any) -> Asker:
        """An unconfirmed question through the real action."""
        draft = self.draft(**fields)
        with inside(self.city):
            return asking.submit(draft=draft, visitor=uuid4().hex)

    def question(self, state: str = "in_moderation", *, photos: int = 0, **fields: Any) -> Question:
        """A question brought to a state by the real actions; `private_…`: on a private topic."""
        if state.startswith("private_"):
            fields.setdefault("topic", "domestic")
        fields.setdefault("submit_key", uuid4())
        for _ in range(photos):
            self.draft_photo(fields["submit_key"])
        asker = self.asker(**fields)
        by = self.moderator.actor
        with inside(self.city):
            question = asker.question
            if state != "unconfirmed":
                asking.confirm(asker=asker)
            if state in {"published", "answered", "hidden"}:
                moderating.publish(by=by, question=question, public=self.public(question))
            if state == "private_waiting":
                self.routing(question)
            if state in {"answered", "private_answered"}:
                self.answer(question, publish=True)
            if state == "hidden":
                moderating.hide(by=by, question=question, reason="Помилка модератора")
            if state == "rejected":
                moderating.reject(by=by, question=question, reason="Не стосується поліції")
            if state == "clarification":
                moderating.ask_back(by=by, question=question, text="Яка саме зупинка?")
            if state == "withdrawn":
                withdrawing.withdraw(question=question)
            if state == "duplicate":
                with transaction.atomic():
                    row = moving.locked(question)
                    moving.move(row, QuestionState(state), by=by, action=state)
            return Question.objects.select_related("topic", "asker").get(pk=question.pk)

    def unhelped(self) -> Question:
        """An answered question whose resident says that the answer did not help."""
        question = self.question("answered")
        with inside(self.city):
            rating.rate(question=question, helped=False)
        return question

    def joined(self, other: Question) -> Question:
        """A question of the desk's that was joined to another."""
        question, by = self.question(), self.moderator.actor
        with inside(self.city):
            joining.join(by=by, question=question, other=other)
            return Question.objects.select_related("topic", "asker").get(pk=question.pk)

    @staticmethod
    def public(question: Question, **fields: Any) -> moderating.Public:
        """As the resident wrote it; call it inside the city."""
        values: dict[str, Any] = {
            "text": question.text,
            "place": question.place,
            "topic": question.topic,
            "point": (question.lat, question.lon),
            "photos": [photo.pk for photo in question.photos.all()],
        }
        return moderating.Public(**{**values, **fields})

    def draft_photo(self, submit_key: UUID | None = None, content: bytes = b"") -> Photo:
        """A photo of a form that was not sent yet."""
        with inside(self.city):
            file = pictures.upload(content or pictures.phone_photo())
            return keep_photo(submit_key=submit_key or uuid4(), file=file, visitor=uuid4().hex)

    def follow_token(self, question: Question) -> str:
        """The resident's private link."""
        with inside(self.city):
            return links.follow_token(Asker.objects.get(question=question))

    # --- units and answers ----------------------------------------------------------------------

    def unit(self, name: str = "Патрульна поліція", email: str = "patrol@example.org") -> Unit:
        with inside(self.city):
            unit = Unit(name_uk=name, kind="patrol", email=email)
            unit.save()
            return unit

    def routing(self, question: Question | None = None, unit: Unit | None = None) -> Routing:
        """A published question sent to a unit."""
        question = question or self.question("published")
        unit = unit or self.unit()
        by = self.moderator.actor
        with inside(self.city):
            return routing.route(by=by, question=question, unit=unit)

    def unit_token(self, routing: Routing) -> str:
        """The unit's secret link."""
        with inside(self.city):
            return unit_links.token(routing)

    def wide_unit(self, name: str = "Широкі", email: str = "wide@example.org") -> Unit:
        """A unit whose letters' links open all its open questions."""
        unit = self.unit(name, email)
        with inside(self.city):
            Unit.objects.filter(pk=unit.pk).update(link_scope="unit")
            unit.refresh_from_db()
        return unit

    def passed(self, routing: Routing, email: str = "olena@example.org") -> Pass:
        """A question that its unit passed on to a colleague."""
        with inside(self.city):
            return passing.pass_on(
                routing=routing, name="Олена Коваль", email=email, note="Ти там була"
            )

    def expired(self, routing: Routing) -> Routing:
        """The time of its link is over."""
        with inside(self.city):
            Routing.objects.filter(pk=routing.pk).update(expires_at=clock.now())
            routing.refresh_from_db()
        return routing

    def submitted(self, routing: Routing | None = None, *, scans: int = 0) -> Answer:
        """An answer that a unit sent by its link."""
        routing = routing or self.routing()
        with inside(self.city):
            return answering.submit(routing=routing, words=WORDS, scans=self.scans(scans))

    @staticmethod
    def scans(number: int) -> list[letters.Scan]:
        """Checked letters."""
        return [
            letters.check(pictures.upload(pictures.PDF, f"лист-{place}.pdf"))
            for place in range(number)
        ]

    def letter(self) -> Letter:
        """A scanned letter of a submitted answer."""
        answer = self.submitted(scans=1)
        with inside(self.city):
            return answer.letters.select_related("answer__routing").get()

    def answer(
        self, question: Question, *, publish: bool = False, scans: Sequence[letters.Scan] = ()
    ) -> Answer:
        """An answer written down by the desk."""
        unit = self.unit(email=f"unit-{uuid4().hex[:6]}@example.org")
        by = self.moderator.actor
        with inside(self.city):
            answer = answering.enter(
                by=by, question=question, unit=unit, channel="phone", words=WORDS, scans=scans
            )
            if publish:
                answering.publish(by=by, answer=answer, words=WORDS)
                answer.refresh_from_db()
            return answer

    # --- hours ----------------------------------------------------------------------------------

    def hours(self, person: User, month: date, state: str = "open", **minutes: int) -> Timesheet:
        """A person's month with hours on its second day, approved by somebody else."""
        minutes = minutes or {"moderation": 90, "answers": 30}
        works = {activity: writing.Work(number, "") for activity, number in minutes.items()}
        day = month.replace(day=2)
        boss = self._known("administrator", "second-boss@example.org", "Борис Другий")
        with inside(self.city):
            sheet = writing.save_days(by=person.actor, month=month, days={day: works})
            if state != "open":
                sheet = writing.submit(by=person.actor, month=month)
            if state in {"approved", "closed"}:
                sheet = approving.approve(by=boss.actor, sheet=sheet)
            if state == "closed":
                sheet = approving.close(by=boss.actor, sheet=sheet)
            return sheet


Maker = Callable[[City | None], Make]
Inside = Callable[[City | None], AbstractContextManager[None]]
RunJobs = Callable[[], int]
