"""What is suggested for a line, and the key by which a person's choice comes back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Share:
    """A part of the money for one invoice."""

    invoice_id: int
    label: str
    city: str
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Suggestion:
    """`shares`: what of the line goes where; `returns`: the payment that it sends back.

    `rest` stays free. `certain` ones may be confirmed many at once.
    """

    shares: tuple[Share, ...] = ()
    returns: int | None = None
    payer_id: int | None = None
    payer_name: str = ""
    score: int = 0
    reasons: tuple[str, ...] = ()
    rest: Decimal = Decimal(0)
    certain: bool = False

    @property
    def key(self) -> str:
        """The decision itself: what was shown is what is posted, or nothing is."""
        if self.returns is not None:
            return f"return:{self.returns}"
        return ",".join(f"{share.invoice_id}={share.amount}" for share in self.shares)

    @property
    def order(self) -> tuple[date, int]:
        """Among equals the oldest first."""
        if not self.shares:
            return date.min, self.returns or 0
        return self.shares[0].month, self.shares[0].invoice_id
