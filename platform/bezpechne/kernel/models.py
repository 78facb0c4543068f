from django.db import models


class Throttle(models.Model):
    """One counter of kernel.throttle; only that module reads and writes it."""

    key = models.CharField(max_length=64, primary_key=True)
    hits = models.PositiveIntegerField()
    window_ends = models.DateTimeField()

    class Meta:
        db_table = "kernel_throttle"

    def __str__(self) -> str:
        return f"{self.hits} until {self.window_ends}"


class Counter(models.Model):
    """How much of something a schema had on a day; only kernel.metering reads and writes it."""

    schema = models.CharField(max_length=63)
    name = models.CharField(max_length=40)
    day = models.DateField()
    value = models.BigIntegerField()

    class Meta:
        db_table = "kernel_counter"
        constraints = [
            models.UniqueConstraint(fields=["schema", "name", "day"], name="kernel_counter_unique")
        ]

    def __str__(self) -> str:
        return f"{self.schema} {self.name}: {self.value}"
