"""One question from the resident's form to the thanks, by people who try again when a page fails."""

import hashlib
import random
import re
from dataclasses import dataclass
from io import BytesIO
from uuid import uuid4

from PIL import Image

from tests.bench.drills.person import Files, Form, Page, Person
from tests.bench.drills.post_office import Letters
from tests.e2e.mail import Mail

LIAISON = "liaison@drills.example"
MODERATOR = "moderator@drills.example"
PASSWORD = "тихий-ставок-42-тополя"
UNCLEAR = "Біля якої саме зупинки?"
# Poltava's middle.
POINT = (49.589, 34.551)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# A photo is a board of black and white squares: whatever size and quality it is kept in, the same.
_BOARD, _SQUARE = (8, 6), 20


def photo(chance: random.Random) -> bytes:
    """A small JPEG with squares like no other."""
    squares = bytes(chance.choice((0, 255)) for _ in range(_BOARD[0] * _BOARD[1]))
    size = (_BOARD[0] * _SQUARE, _BOARD[1] * _SQUARE)
    image = Image.frombytes("L", _BOARD, squares).resize(size, Image.Resampling.NEAREST)
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def squares_of(content: bytes) -> str:
    """What is on the board, as 48 digits; blank for what is no whole picture."""
    try:
        with Image.open(BytesIO(content)) as image:
            board = image.convert("L").resize(_BOARD, Image.Resampling.BOX)
    except OSError:
        return ""
    return "".join("1" if square > 127 else "0" for square in board.tobytes())


def scan(chance: random.Random) -> bytes:
    """A letter like no other, as the product tells a PDF."""
    return b"%PDF-1.4\n" + chance.randbytes(3000).hex().encode() + b"\n%%EOF\n"


class City:
    """A city whose liaison has an address, and its moderator's session."""

    def __init__(self, url: str, letters: Letters, admin_email: str) -> None:
        self.url, self.letters = url, letters
        admin = Person(url, "10.0.0.1")
        self._accept(admin, admin_email, "Ірина Адміністраторка")
        units = admin.get("/desk/units/")
        found = re.search(r"/desk/units/\d+/", units.text)
        assert found, "The city has units."
        page = admin.get(found[0])
        self._fill(admin, page, page.form_with("email"), {"email": LIAISON})
        page = admin.get("/desk/staff/")
        invitation = {"email": MODERATOR, "role": "moderator"}
        self._fill(admin, page, page.form_to("/desk/staff/"), invitation)
        moderator = Person(url, "10.0.0.2")
        self._accept(moderator, MODERATOR, "Марко Модератор")
        self._cookies = moderator.cookies

    def moderator(self) -> Person:
        """At one more of the moderator's tabs."""
        return Person(self.url, "10.0.0.2", self._cookies)

    def wait(
        self, person: Person, to: str, link_part: str, number: int = 0, words: str = ""
    ) -> Mail:
        """The letter that somebody waits for."""
        letter: Mail = person.keep_trying(
            f"a letter about № {number} with {link_part}",
            lambda: self.letters.find(to, link_part, number, words),
        )
        return letter

    def _accept(self, person: Person, email: str, name: str) -> None:
        link = self.wait(person, email, "/account/invitation/").link("/account/invitation/")
        page = person.get(link)
        form = page.form_with("password")
        self._fill(person, page, form, {"name": name, "password": PASSWORD})

    def _fill(self, person: Person, page: Page, form: Form | None, fields: dict[str, str]) -> None:
        assert form, f"No such form at {page.url}:\n{page.text[:3000]}"
        after = person.send(page, form, fields)
        assert after.status == 200, f"{after.status} at {after.url}:\n{after.text[:3000]}"


@dataclass
class Sent:
    """What a journey gave to the product, for the checks: `squares_of` photos, `sha` of a letter."""

    photos: list[str]
    letter: str
    number: int = 0
    finished: bool = False


class Journey:
    """Walks one question to its end; `sent` is filled on the way."""

    def __init__(self, city: City, seed: str) -> None:
        self._city, self._chance = city, random.Random(seed)  # noqa: S311 - to be repeated
        self.seed = seed
        self._key = uuid4().hex[:12]
        self._email = f"resident-{self._key}@drills.example"
        network = ".".join(str(self._chance.randint(1, 254)) for _ in range(3))
        self._resident = Person(city.url, f"10.{network}")
        self._unit = Person(city.url, "10.0.0.3")
        self._desk = city.moderator()
        self._photos = [photo(self._chance) for _ in range(self._chance.randint(1, 2))]
        self._scan = scan(self._chance)
        self._fields = self._words()
        self._page: Page | None = None
        self._link = ""
        self.sent = Sent([squares_of(content) for content in self._photos], sha(self._scan))

    @property
    def failures(self) -> int:
        """Pages that did not come."""
        return sum(who.failures for who in (self._resident, self._unit, self._desk))

    def walk(self) -> None:
        """Raises GaveUp with the step that never worked."""
        resident, desk, unit = self._resident, self._desk, self._unit
        resident.keep_trying(f"{self.seed}: asking", self._ask)
        letter = self._city.wait(resident, self._email, "/confirm/")
        self.sent.number = int(re.findall(r"№\s*(\d+)", letter.subject)[0])
        resident.keep_trying(f"{self.seed}: confirming", lambda: self._confirm(letter.code))
        received = self._city.wait(resident, self._email, "/follow/", self.sent.number)
        self._link = received.link("/follow/")
        if self._chance.random() < 0.3:
            desk.keep_trying(f"{self.seed}: asking back", self._ask_back)
            # A letter whose question was answered before its turn would have nothing to say.
            self._city.wait(resident, self._email, "/follow/", self.sent.number, UNCLEAR)
            resident.keep_trying(f"{self.seed}: replying", self._reply)
        desk.keep_trying(f"{self.seed}: publishing", self._publish)
        desk.keep_trying(f"{self.seed}: routing", self._route)
        link = self._city.wait(unit, LIAISON, "/answer/", self.sent.number).link("/answer/")
        unit.keep_trying(f"{self.seed}: accepting", lambda: self._accept(link))
        unit.keep_trying(f"{self.seed}: answering", lambda: self._answer(link))
        desk.keep_trying(f"{self.seed}: publishing the answer", self._publish_answer)
        self._city.wait(resident, self._email, f"/q/{self.sent.number}/", self.sent.number)
        resident.keep_trying(f"{self.seed}: thanking", self._thank)
        self.sent.finished = True

    # --- The resident -----------------------------------------------------------------------------

    def _words(self) -> dict[str, str]:
        return {
            "happening_now": "no",
            "lat": str(POINT[0] + self._chance.uniform(-0.01, 0.01)),
            "lon": str(POINT[1] + self._chance.uniform(-0.01, 0.01)),
            "topic": "parking",
            "text": f"Чому біля зупинки {self._key} щодня стоять машини на тротуарі?",
            "name": "Одарка Секретна",
            "email": self._email,
            "consent": "on",
        }

    def _ask(self) -> bool:
        """The same form is sent until it is taken; what the server kept of it is not sent again."""
        if self._page is None:
            self._page = self._resident.get("/ask/")
        form = self._page.form_with("submit_key")
        assert form, f"No form to ask at {self._page.url}:\n{self._page.text[:2000]}"
        taken = len(re.findall(r'name="remove_photo"', self._page.text))
        files = [(f"IMG_{at}.jpg", "image/jpeg", body) for at, body in enumerate(self._photos)]
        after = self._resident.send(self._page, form, self._fields, {"photos": files[taken:]})
        if "/ask/sent/" in after.path:
            self._page = after
            return True
        if after.status == 422 and after.form_with("submit_key"):
            self._page = after
        return False

    def _confirm(self, code: str) -> bool:
        assert self._page
        page = self._resident.get(self._page.url)
        form = page.form_with("code")
        if form:
            page = self._resident.send(page, form, {"code": code})
        return page.status == 200 and page.form_with("code") is None

    def _reply(self) -> bool:
        page = self._resident.get(self._link)
        form = page.form_with("text")
        if form:
            page = self._resident.send(page, form, {"text": "Навпроти школи."})
        return page.status == 200 and page.form_with("text") is None

    def _thank(self) -> bool:
        page = self._resident.get(self._link)
        form = page.form_to("/helped/")
        if form:
            page = self._resident.send(page, form, {"helped": "yes"})
        return page.status == 200

    # --- The desk ---------------------------------------------------------------------------------

    def _act(self, end: str, fields: dict[str, str], done: str) -> bool:
        """Looks at the item first: what was done before the page broke is not done again."""
        page = self._desk.get(f"/desk/q/{self.sent.number}/")
        if page.status == 200 and not re.search(done, page.text):
            form = page.form_to(f"/q/{self.sent.number}/{end}")
            if form:
                page = self._desk.send(page, form, fields)
        return page.status == 200 and bool(re.search(done, page.text))

    def _ask_back(self) -> bool:
        return self._act("ask-back/", {"ask_back-text": UNCLEAR}, re.escape(UNCLEAR))

    def _publish(self) -> bool:
        return self._act("publish/", {}, rf"/q/{self.sent.number}/route/")

    def _route(self) -> bool:
        return self._act("route/", {}, r"/routing/\d+/withdraw/")

    def _publish_answer(self) -> bool:
        page = self._desk.get(f"/desk/q/{self.sent.number}/")
        waiting = re.search(rf"/q/{self.sent.number}/(answer/\d+/publish/)", page.text)
        return self._act(waiting[1] if waiting else "-", {}, r"/answer/\d+/correct/")

    # --- The unit ---------------------------------------------------------------------------------

    def _accept(self, link: str) -> bool:
        page = self._unit.get(link)
        form = page.form_to("/accept/")
        if form:
            page = self._unit.send(page, form, {})
        return page.status == 200 and page.form_to("/accept/") is None

    def _answer(self, link: str) -> bool:
        words = f"Патруль перевірив місце {self._key} і склав два протоколи."
        page = self._unit.get(link)
        if words not in page.text and (form := page.form_to("/submit/")):
            files: Files = {"letters": [("лист.pdf", "application/pdf", self._scan)]}
            page = self._unit.send(page, form, {"text": words}, files)
        return page.status == 200 and words in page.text
