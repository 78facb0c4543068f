"""The history table and the one function that writes it."""

from typing import Any, NoReturn

from django.db import models

from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor


class HistoryIsAppendOnly(TypeError):
    """Somebody tried to change or delete what was recorded."""


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads and nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def delete(self) -> NoReturn:
        raise HistoryIsAppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly("Record one action at a time through `record`.")


class Entry(models.Model):
    """One action: who, when, on what, old and new values. Values hold no names or addresses."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    action = models.CharField(max_length=60)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="audit_entry_subject"),
            # A month of everybody, for what is counted by months.
            models.Index(fields=["at"], name="audit_entry_at"),
            # The log of a city, newest first: of one kind of subject, of one person.
            models.Index(fields=["subject", "-id"], name="audit_entry_kind"),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise HistoryIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly


def record(
    *,
    by: Actor,
    subject: models.Model,
    action: str,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    note: str = "",
) -> Entry:
    """Appends one row; call it inside the transaction of the action."""
    new = dict(new or {})
    if by.acting is not None:
        new |= {"acting": by.acting, "acting_reason": by.reason}
    return Entry.objects.create(
        at=clock.now(),
        actor_kind=by.kind,
        actor_id=by.id,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        action=action,
        old=old or {},
        new=new,
        note=note,
    )


def history_of(subject: models.Model) -> EntryQuerySet:
    """Rows of one subject, oldest first."""
    return Entry.objects.filter(
        subject=subject._meta.model_name or "", subject_id=subject.pk
    ).order_by("id")
