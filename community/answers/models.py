"""Units, routings and answers."""

from typing import Any
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from bezpechne.kernel import clock
from bezpechne.kernel.sorting import ukrainian_key
from community.answers.states import (
    OPEN,
    AnswerState,
    Channel,
    LinkScope,
    RoutingState,
    UnitKind,
)
from community.questions.models import MAX_TEXT, Question, Topic
from community.questions.words import words_of

MAX_COMMENT = 1000


class Unit(models.Model):
    """Who answers. One active liaison: the default addressee. Deactivated, never deleted."""

    name_uk = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    # Ukrainian order on any PostgreSQL, with ICU or without.
    name_sort = models.CharField(max_length=200, editable=False)
    kind = models.CharField(max_length=20, choices=UnitKind.choices, default=UnitKind.OTHER)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    # Above it in the tree: a district's department above its stations.
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    # What a resident needs to apply to a body outside the police, and what gives it the right.
    address = models.CharField(max_length=200, blank=True, default="", db_default="")
    how_to_apply = models.TextField(max_length=1000, blank=True, default="", db_default="")
    web = models.URLField(max_length=200, blank=True, default="", db_default="")
    legal_basis = models.CharField(max_length=300, blank=True, default="", db_default="")
    # What the link in a letter to this unit opens.
    link_scope = models.CharField(
        max_length=10,
        choices=LinkScope.choices,
        default=LinkScope.QUESTION,
        db_default=LinkScope.QUESTION,
    )
    is_liaison = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "answers_unit"
        ordering = ["name_sort", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_liaison"],
                name="answers_unit_one_liaison",
                condition=Q(is_liaison=True, is_active=True),
            ),
            models.CheckConstraint(
                name="answers_unit_not_its_own_parent", condition=~Q(parent=models.F("id"))
            ),
        ]
        indexes = [
            models.Index(fields=["name_sort", "id"], name="answers_unit_name"),
            # Words of names, for choosing one of thousands.
            GinIndex(words_of("name_uk", "name_en"), name="answers_unit_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_sort = ukrainian_key(self.name_uk)[:200]
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """Name in the language in force; the Ukrainian one where there is no other."""
        return self.name_en if get_language() == "en" and self.name_en else self.name_uk


class TopicRoute(models.Model):
    """To whom questions of a topic go unless the moderator chooses another unit."""

    topic = models.OneToOneField(Topic, on_delete=models.CASCADE, related_name="route")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="topic_routes")

    class Meta:
        db_table = "answers_topic_route"

    def __str__(self) -> str:
        return f"topic {self.topic_id} to unit {self.unit_id}"


class Routing(models.Model):
    """One question sent to one unit, with its link."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="routings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="routings")
    state = models.CharField(max_length=12, choices=RoutingState.choices, default=RoutingState.SENT)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    token_hash = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)
    # The unit asked for a fresh link on the page of its dead one, and the desk has not sent it yet.
    link_wanted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "answers_routing"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"],
                name="answers_routing_one_open",
                condition=Q(state__in=[str(state) for state in OPEN]),
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                name="answers_routing_token_unique",
                condition=~Q(token_hash=""),
            ),
        ]
        indexes = [
            # Open questions of one unit, for a link that opens all of them.
            models.Index(
                fields=["unit", "id"],
                name="answers_routing_open_of_unit",
                condition=Q(state__in=[str(state) for state in OPEN]),
            )
        ]

    def __str__(self) -> str:
        return f"routing {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def expired(self) -> bool:
        return self.expires_at <= clock.now()


class Pass(models.Model):
    """A colleague in the unit to whom a question was passed on, with a link of their own.

    The newest one that nobody took back has the question; whoever passed it on only reads.
    """

    routing = models.ForeignKey(Routing, on_delete=models.CASCADE, related_name="passes")
    # Who passed it on: None is the unit's own mailbox.
    passed_by = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="passed_on"
    )
    name = models.CharField(max_length=80)
    email = models.EmailField(max_length=254)
    note = models.CharField(max_length=500, blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "answers_pass"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="answers_pass_token_unique",
                condition=~Q(token_hash=""),
            )
        ]

    def __str__(self) -> str:
        return f"pass {self.pk}"


class Draft(models.Model):
    """An answer that the unit is still writing; the desk never reads it. Goes when sent."""

    routing = models.OneToOneField(Routing, on_delete=models.CASCADE, related_name="draft")
    text = models.TextField(max_length=MAX_TEXT, blank=True)
    competence = models.CharField(max_length=300, blank=True)
    next_step = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "answers_draft"

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Answer(models.Model):
    """`text` is what the unit wrote; `public_text` is what the desk published.

    `competence`: who is responsible; `next_step`: what happens next and by when.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="answers")
    routing = models.ForeignKey(
        Routing, on_delete=models.PROTECT, null=True, related_name="answers"
    )
    state = models.CharField(
        max_length=12, choices=AnswerState.choices, default=AnswerState.SUBMITTED
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.LINK)
    text = models.TextField(max_length=MAX_TEXT)
    competence = models.CharField(max_length=300, blank=True)
    next_step = models.CharField(max_length=500, blank=True)
    public_text = models.TextField(max_length=MAX_TEXT, blank=True)
    public_competence = models.CharField(max_length=300, blank=True)
    public_next_step = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True)
    correction_note = models.TextField(blank=True)

    class Meta:
        db_table = "answers_answer"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"],
                name="answers_answer_one_in_force",
                condition=~Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="answers_answer_state_known", condition=Q(state__in=AnswerState.values)
            ),
            models.CheckConstraint(
                name="answers_answer_published_has_date",
                condition=~Q(state="published") | Q(published_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="answers_answer_for_desk", condition=Q(state="submitted")
            )
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


def letter_path(instance: "Letter", filename: str) -> str:
    """The sender's file name is kept in the row, not in the path."""
    return f"letters/{instance.key.hex[:2]}/{instance.key.hex}.bin"


class Letter(models.Model):
    """A scanned letter that came with an answer; for the desk, never public."""

    key = models.UUIDField(default=uuid4)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="letters")
    file = models.FileField(upload_to=letter_path)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "answers_letter"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="answers_letter_key_unique")]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class UnitFile(models.Model):
    """A table of units that was sent and waits for «yes»; gone when it is taken or replaced."""

    key = models.UUIDField(default=uuid4)
    name = models.CharField(max_length=120)
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "answers_unit_file"
        constraints = [models.UniqueConstraint(fields=["key"], name="answers_unit_file_key_unique")]

    def __str__(self) -> str:
        return f"unit file {self.pk}"


class Rating(models.Model):
    """Whether a published answer helped, by whoever asked; the comment is never public.

    `reopen_*`: the resident asks, once a question, to have it answered anew; the desk settles it.
    """

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="rating")
    helped = models.BooleanField()
    comment = models.TextField(max_length=MAX_COMMENT, blank=True)
    rated_at = models.DateTimeField(default=clock.now)
    reopen_reason = models.TextField(max_length=MAX_COMMENT, blank=True)
    reopen_asked_at = models.DateTimeField(null=True)
    reopen_settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "answers_rating"
        indexes = [
            models.Index(fields=["rated_at"], name="answers_rating_rated_at"),
            models.Index(
                fields=["id"],
                name="answers_rating_reopen_waits",
                condition=Q(reopen_asked_at__isnull=False, reopen_settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"

    @property
    def waits_for_desk(self) -> bool:
        return self.reopen_asked_at is not None and self.reopen_settled_at is None
