"""Reports that finance people keep, and have sent."""

from django.db import models

from bezpechne.kernel import clock


class SavedReport(models.Model):
    """A report's address under a name; `monthly_day` 0: never sent by itself."""

    name = models.CharField(max_length=120)
    query = models.CharField(max_length=500)
    owner_id = models.BigIntegerField()
    monthly_day = models.PositiveSmallIntegerField(default=0)
    sent_for = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_saved_report"
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "name"], name="billing_saved_unique"),
            models.CheckConstraint(
                condition=models.Q(monthly_day__lte=28), name="billing_saved_day"
            ),
        ]

    def __str__(self) -> str:
        return f"saved report {self.pk}"
