"""The months of a report, and by which dates it counts."""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.spreading import last_of, months

MOST_MONTHS = 60


class Basis(models.TextChoices):
    """`service`: months that the work was done in, which is how acts accrue and plans are made.

    `document`: months in which acts were signed and money came, as the books have it.
    """

    SERVICE = "service", _("By the month of the work")
    DOCUMENT = "document", _("By the dates of acts and payments")


@dataclass(frozen=True)
class Period:
    """First days of the first and of the last month, both included."""

    first: date
    last: date
    basis: Basis = Basis.SERVICE

    @property
    def months(self) -> list[date]:
        return list(months(self.first, self.last))

    @property
    def end(self) -> date:
        """Last day of the last month."""
        return last_of(self.last)

    @property
    def values(self) -> dict[str, date]:
        """Placeholders of the statements."""
        return {"first": self.first, "last": self.last, "end": self.end}
