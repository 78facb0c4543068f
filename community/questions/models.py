"""Questions, who asked them, their photos and the talk about what is unclear.

The asker's name and address stand in a table of their own: public pages and the unit's page never
read it, and the term of keeping personal data ends with one deleted row.
"""

from collections.abc import Iterable
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from bezpechne.kernel import clock
from bezpechne.kernel.files import remove_quietly
from community.questions.catalogue import BY_CODE, OTHER_ICON
from community.questions.states import (
    CLOSED,
    HAS_ANSWER,
    LIVE,
    NEVER_PRIVATE,
    PIN,
    PRIVATE,
    PUBLIC,
    WAITING,
    QuestionState,
)
from community.questions.words import words_of

MAX_TEXT = 4000
MAX_PHOTOS = 5


def _in(states: Iterable[str]) -> Q:
    return Q(state__in=[str(state) for state in states])


IS_PUBLIC, IS_CLOSED, IS_WAITING, IS_ANSWERED = map(_in, (PUBLIC, CLOSED, WAITING, HAS_ANSWER))
# What the desk's search reads of a question and of who asked it.
QUESTION_WORDS = words_of("text", "public_text", "place", "public_place")
NAME_WORDS = words_of("name")
# What the public's search reads: never the words before the moderator changed them.
PUBLIC_COLUMNS = ("public_text", "public_place")


class Topic(models.Model):
    """A subject that residents choose from; `code` is the template's."""

    code = models.CharField(max_length=20)
    name_uk = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    # A symbol of the sprite without `topic-`; blank: the catalogue's for this code.
    icon = models.CharField(max_length=24, blank=True, default="", db_default="")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    # What is asked on it from now on is private.
    is_private = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "questions_topic"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="questions_topic_code_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the language in force."""
        return self.name_en if get_language() == "en" else self.name_uk

    @property
    def icon_name(self) -> str:
        """The symbol in the sprite."""
        known = BY_CODE.get(self.code)
        return f"topic-{self.icon or (known.icon if known else OTHER_ICON)}"


class Question(models.Model):
    """`text` is what the resident wrote and never changes; `public_text` is what is published.

    Its number is its primary key: «№ 123».
    """

    # From where the visitor is, in a list by distance; no column.
    metres: int | None = None

    state = models.CharField(
        max_length=16, choices=QuestionState.choices, default=QuestionState.UNCONFIRMED
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="questions")
    # Fixed when it was asked, or by the desk before publication; never undone.
    is_private = models.BooleanField(default=False, db_default=False)
    text = models.TextField(max_length=MAX_TEXT)
    public_text = models.TextField(max_length=MAX_TEXT, blank=True)
    place = models.CharField(max_length=160, blank=True)
    public_place = models.CharField(max_length=160, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    # Asked without a map: the point is the city's centre until the desk puts the pin.
    point_is_rough = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="uk")
    # «Це відбувається просто зараз», or words of an emergency in the text.
    happening_now = models.BooleanField(default=False)
    emergency_words = models.JSONField(default=list)
    is_urgent = models.BooleanField(default=False)
    rejection_reason = models.TextField(blank=True)
    hidden_reason = models.TextField(blank=True)
    # The question that says the same; never one that is joined to a third.
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="duplicates", db_index=False
    )
    submit_key = models.UUIDField(default=uuid4)
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "questions_question"
        constraints = [
            # A form sent twice makes one question.
            models.UniqueConstraint(fields=["submit_key"], name="questions_submit_key_unique"),
            models.CheckConstraint(
                name="questions_point_on_earth",
                condition=Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
            ),
            models.CheckConstraint(
                name="questions_state_known", condition=Q(state__in=QuestionState.values)
            ),
            models.CheckConstraint(
                name="questions_answered_has_date",
                condition=~IS_ANSWERED | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="questions_public_has_date",
                condition=~IS_PUBLIC | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="questions_private_stays_private",
                condition=Q(is_private=False)
                | ~_in(NEVER_PRIVATE)
                & Q(published_at__isnull=True, public_text="", public_place=""),
            ),
            models.CheckConstraint(
                name="questions_private_by_state", condition=~_in(PRIVATE) | Q(is_private=True)
            ),
            models.CheckConstraint(
                name="questions_joined_is_duplicate",
                condition=Q(duplicate_of=None) | Q(state=str(QuestionState.DUPLICATE)),
            ),
        ]
        indexes = [
            # The public list, newest first: all of it, by state, by topic.
            models.Index(
                fields=["-published_at", "-id"], name="questions_public_all", condition=IS_PUBLIC
            ),
            models.Index(
                fields=["state", "-published_at", "-id"],
                name="questions_public_state",
                condition=IS_PUBLIC,
            ),
            models.Index(
                fields=["topic", "-published_at", "-id"],
                name="questions_public_topic",
                condition=IS_PUBLIC,
            ),
            # The desk's queue: urgent, then oldest.
            models.Index(fields=["state", "-is_urgent", "id"], name="questions_queue_order"),
            # The desk's lists of what is done, newest first.
            models.Index(fields=["state", "-id"], name="questions_state_newest"),
            models.Index(fields=["-id"], name="questions_closed_newest", condition=IS_CLOSED),
            models.Index(fields=["-id"], name="questions_answered_newest", condition=IS_ANSWERED),
            models.Index(
                fields=["-is_urgent", "id"], name="questions_waiting_order", condition=IS_WAITING
            ),
            # Pins inside a box of the map.
            models.Index(fields=["lat", "lon"], name="questions_pins", condition=IS_PUBLIC),
            models.Index(
                fields=["duplicate_of"],
                name="questions_duplicates",
                condition=Q(duplicate_of__isnull=False),
            ),
            GinIndex(QUESTION_WORDS, name="questions_words"),
            GinIndex(words_of(*PUBLIC_COLUMNS), name="questions_public_words", condition=IS_PUBLIC),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC

    @property
    def is_live(self) -> bool:
        """The desk has taken it on: units may read and answer it."""
        return self.state in LIVE

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_answered(self) -> bool:
        return self.state in HAS_ANSWER

    @property
    def text_for_unit(self) -> str:
        """The public text; of a private question, which has none, what the resident wrote."""
        return self.text if self.is_private else self.public_text

    @property
    def place_for_unit(self) -> str:
        return self.place if self.is_private else self.public_place

    @property
    def pin(self) -> str:
        """`waiting` or `answered`; other states have no pin and show their own name."""
        return PIN.get(self.state, self.state)


class Asker(models.Model):
    """Who asked one question. `share_name`: the resident lets the unit see the name."""

    question = models.OneToOneField(Question, on_delete=models.CASCADE, related_name="asker")
    name = models.CharField(max_length=80)
    email = models.EmailField(max_length=254)
    share_name = models.BooleanField(default=False)
    consent_version = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    # Raised by each resend or correction: older links and codes stop working.
    confirm_version = models.PositiveIntegerField(default=1)
    confirm_hash = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    corrections = models.PositiveSmallIntegerField(default=0)
    # The page «check your mail»; it can only confirm, resend and correct the address.
    pending_hash = models.CharField(max_length=64, blank=True)
    follow_version = models.PositiveIntegerField(default=1)
    follow_hash = models.CharField(max_length=64, blank=True)
    # Another address, until its code is typed in; letters go to `email` so long.
    new_email = models.EmailField(max_length=254, blank=True)
    new_email_version = models.PositiveIntegerField(default=0)
    new_email_sent_at = models.DateTimeField(null=True)
    new_email_attempts = models.PositiveSmallIntegerField(default=0)
    # The address before, for a week: it is told of the change.
    former_email = models.EmailField(max_length=254, blank=True)
    email_changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "questions_asker"
        constraints = [
            models.UniqueConstraint(
                fields=[name], name=f"questions_asker_{name}_unique", condition=~Q(**{name: ""})
            )
            for name in ("confirm_hash", "pending_hash", "follow_hash")
        ]
        indexes = [
            models.Index(fields=["email"], name="questions_asker_email"),
            models.Index(
                fields=["email_changed_at"],
                name="questions_asker_former",
                condition=~Q(former_email=""),
            ),
            # The beginning of an address, whatever the collation of the database.
            models.Index(
                fields=["email"],
                name="questions_asker_email_begins",
                opclasses=["varchar_pattern_ops"],
            ),
            GinIndex(NAME_WORDS, name="questions_asker_name_words"),
        ]

    def __str__(self) -> str:
        return f"asker of {self.question_id}"


def _photo_path(instance: "Photo", kind: str, extension: str) -> str:
    return f"photos/{instance.key.hex[:2]}/{instance.key.hex}-{kind}.{extension}"


def original_path(instance: "Photo", filename: str) -> str:
    """The sender's file name is not kept."""
    return _photo_path(instance, "original", "bin")


def full_path(instance: "Photo", filename: str) -> str:
    return _photo_path(instance, "full", "jpg")


def thumbnail_path(instance: "Photo", filename: str) -> str:
    return _photo_path(instance, "thumb", "jpg")


class Photo(models.Model):
    """One photo. Before its question exists it belongs to the form's `submit_key` alone.

    All three are re-encoded: the file as sent, with its place and camera data, is kept nowhere.
    `original` is larger, for covering faces and plates, and is never served.
    """

    # Where the file just sent says it was taken, for the answer to its sender; no column.
    taken_at: tuple[float, float] | None = None

    key = models.UUIDField(default=uuid4)
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, null=True, related_name="photos"
    )
    submit_key = models.UUIDField()
    original = models.FileField(upload_to=original_path)
    full = models.FileField(upload_to=full_path)
    thumbnail = models.FileField(upload_to=thumbnail_path)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    is_public = models.BooleanField(default=True)
    # The resident's order; photos of one place stand as they came.
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "questions_photo"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="questions_photo_key_unique")]
        indexes = [models.Index(fields=["submit_key"], name="questions_photo_submit_key")]

    def __str__(self) -> str:
        return f"photo {self.pk}"

    def delete_files(self) -> None:
        """After the row is gone; what a storage that fails keeps is swept later."""
        remove_quietly(self.original, self.full, self.thumbnail)


class Remark(models.Model):
    """One line of the talk between desk and resident about what is unclear; never public."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="remarks")
    from_resident = models.BooleanField()
    text = models.TextField(max_length=MAX_TEXT)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "questions_remark"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"remark {self.pk}"


class Follower(models.Model):
    """Who asked a question that was joined to another, and hears what happens to that one.

    No name and no address here: they stay in the one row of their own question's asker.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="followers")
    from_question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    token_hash = models.CharField(max_length=64)
    since = models.DateTimeField(default=clock.now)
    # They wanted no more letters.
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "questions_follower"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_question"], name="questions_follower_question_once"
            ),
            models.UniqueConstraint(fields=["token_hash"], name="questions_follower_token_unique"),
        ]

    def __str__(self) -> str:
        return f"follower {self.pk}"


class Tally(models.Model):
    """How many questions are in a state. Kept by the actions: counting a million rows is slow."""

    state = models.CharField(max_length=16, primary_key=True, choices=QuestionState.choices)
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "questions_tally"

    def __str__(self) -> str:
        return f"{self.state}: {self.number}"


class Cell(models.Model):
    """How many published questions stand in one cell of the map, by topic and state, and the sums
    of their places (millionths of a degree) and numbers: of a single one they are itself.

    Kept by the actions (`actions/counting.py`); `cells.py` says what a cell is.
    """

    pk = models.CompositePrimaryKey("level", "x", "y", "topic_id", "state")
    level = models.SmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=16)
    number = models.BigIntegerField()
    lat_sum = models.BigIntegerField()
    lon_sum = models.BigIntegerField()
    id_sum = models.BigIntegerField()

    class Meta:
        db_table = "questions_cell"

    def __str__(self) -> str:
        return f"cell {self.level}/{self.x}/{self.y}"


class PrivacyNotice(models.Model):
    """Who answers for personal data in this city, and what residents agree to. Never edited: a
    change is a new row, so that the version that somebody agreed to can be read for ever.
    """

    version = models.CharField(max_length=20)
    controller = models.CharField(max_length=200)
    controller_code = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=300)
    email = models.EmailField(max_length=254)
    officer = models.CharField(max_length=200, blank=True)
    # Months after the last event of a closed question until name and e-mail are deleted.
    months_kept = models.PositiveSmallIntegerField(default=12)
    # Months that the servers' logs with network addresses are kept.
    log_months = models.PositiveSmallIntegerField(default=3)
    # Blank: the platform's own sentence beside the tick.
    consent_uk = models.CharField(max_length=300, blank=True)
    consent_en = models.CharField(max_length=300, blank=True)
    more_uk = models.TextField(max_length=3000, blank=True)
    more_en = models.TextField(max_length=3000, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "questions_privacy_notice"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["version"], name="questions_privacy_version_unique"),
            models.CheckConstraint(
                name="questions_privacy_months",
                condition=Q(months_kept__gte=1, months_kept__lte=60)
                & Q(log_months__gte=1, log_months__lte=36),
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def consent(self) -> str:
        """In the language in force; blank for the platform's sentence."""
        return self.consent_en if get_language() == "en" else self.consent_uk

    @property
    def more(self) -> str:
        """What the city adds, in the language in force."""
        return self.more_en if get_language() == "en" else self.more_uk
