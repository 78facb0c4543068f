"""The record of sessions, in `public`; the city's own history has what was done in them."""

from django.db import models

from bezpechne.kernel import clock


class ActingSession(models.Model):
    """One reason, one link, one session.

    The link works once, in the city alone, until `link_until`. `opened_at` None: nobody used it.
    """

    # Plain numbers: the record outlives the city, and the operator is a user of `public`.
    city_id = models.BigIntegerField()
    operator_id = models.BigIntegerField()
    reason = models.TextField()
    token_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    link_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "provisioning_acting"
        constraints = [
            models.CheckConstraint(
                name="provisioning_acting_opened_has_end",
                condition=models.Q(opened_at=None, until=None, ended_at=None)
                | models.Q(opened_at__isnull=False, until__gt=models.F("opened_at")),
            )
        ]
        indexes = [models.Index(fields=["city_id", "id"], name="provisioning_acting_city")]

    def __str__(self) -> str:
        return f"acting {self.pk}"

    @property
    def is_open(self) -> bool:
        """Works now."""
        return self.until is not None and self.ended_at is None and self.until > clock.now()
