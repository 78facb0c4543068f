"""The staff's own work: notes, who has what, who looks at what, phrases, many at once, reminders.

Nothing here is ever shown to a resident, a unit or the public, but the words of a phrase once a
moderator has put them into a form.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from community.questions.models import Question, Topic
from community.timesheet.models import person_key

MAX_NOTE = 2000
MAX_PHRASE = 1000


class Note(models.Model):
    """What colleagues should know about a question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="notes")
    # None: an operator in the administrator's place.
    author = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False
    )
    text = models.TextField(max_length=MAX_NOTE)
    at = models.DateTimeField(default=clock.now)
    # A form sent twice writes one note.
    submit_key = models.UUIDField()

    class Meta:
        db_table = "desk_note"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["submit_key"], name="desk_note_submit_key_unique")
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Assignment(models.Model):
    """Who of the desk has a question; no row: nobody in particular."""

    question = models.OneToOneField(Question, on_delete=models.CASCADE, related_name="assignment")
    person = person_key()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "desk_assignment"
        indexes = [models.Index(fields=["person", "question"], name="desk_assignment_person")]

    def __str__(self) -> str:
        return f"assignment of {self.question_id}"


class Presence(models.Model):
    """Somebody has a question's page open. A row lives as long as its page asks again."""

    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    person = person_key()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "desk_presence"
        constraints = [
            models.UniqueConstraint(fields=["question", "person"], name="desk_presence_once")
        ]
        indexes = [models.Index(fields=["person"], name="desk_presence_person")]

    def __str__(self) -> str:
        return f"presence {self.pk}"


class PhraseKind(models.TextChoices):
    """Where a phrase may be put."""

    REJECT = "reject", _("Reason for rejecting")
    ASK_BACK = "ask_back", _("Question to the resident")
    HIDE = "hide", _("Reason for hiding")
    ROUTE_NOTE = "route_note", _("Note for a unit")
    ANSWER = "answer", _("Answer")


class Phrase(models.Model):
    """Words that are needed again and again, with placeholders; `phrases.py` knows which."""

    kind = models.CharField(max_length=12, choices=PhraseKind.choices)
    # Offered first for its questions; none: for all alike.
    topic = models.ForeignKey(
        Topic, on_delete=models.SET_NULL, null=True, blank=True, related_name="phrases"
    )
    title = models.CharField(max_length=80)
    text_uk = models.TextField(max_length=MAX_PHRASE)
    text_en = models.TextField(max_length=MAX_PHRASE, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # Rises with each change, so that nobody overwrites what they did not see.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "desk_phrase"
        ordering = ["kind", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "title"], name="desk_phrase_title_once"),
            models.CheckConstraint(
                name="desk_phrase_kind_known", condition=Q(kind__in=PhraseKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"phrase {self.pk}"

    def text(self, language: str) -> str:
        """In the resident's language; the Ukrainian one where there is no other."""
        return self.text_en if language == "en" and self.text_en else self.text_uk


class Batch(models.Model):
    """One act on many questions: what was done and what could not be, each with its sentence."""

    key = models.UUIDField()
    kind = models.CharField(max_length=12)
    done = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_batch"
        constraints = [models.UniqueConstraint(fields=["key"], name="desk_batch_key_unique")]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Reminders(models.Model):
    """Which letters about waiting work one person wants. No row: none."""

    person = person_key()
    at_once = models.BooleanField(default=False)
    daily = models.BooleanField(default=False)
    hour = models.PositiveSmallIntegerField(default=9)
    working_days = models.BooleanField(default=True)

    class Meta:
        db_table = "desk_reminders"
        constraints = [
            models.UniqueConstraint(fields=["person"], name="desk_reminders_person_once"),
            models.CheckConstraint(name="desk_reminders_hour", condition=Q(hour__lte=23)),
        ]

    def __str__(self) -> str:
        return f"reminders {self.pk}"
