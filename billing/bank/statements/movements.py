"""What every reader makes of a file: movements of an account, and how to know one again."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from billing.errors import LedgerRefused

# No account of ours moves so often in one file; more would not be read within a request.
MOST_MOVEMENTS = 10_000


class Format(StrEnum):
    """What a file is by its content; its name decides nothing."""

    CSV = "csv"
    CAMT = "camt.053"


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Credit positive, debit negative. `line`: where in the file it stands, from 1."""

    line: int
    booked_on: date
    amount: Decimal
    account: str = ""
    currency: str = "UAH"
    payer_name: str = ""
    payer_iban: str = ""
    payer_edrpou: str = ""
    purpose: str = ""
    reference: str = ""
    is_reversal: bool = False


@dataclass(frozen=True)
class Reading:
    """`ignored`: totals, balances and what the bank has not booked yet."""

    format: Format
    movements: Sequence[Movement]
    ignored: int = 0


def refused_at(line: int, sentence: str) -> LedgerRefused:
    """Ready to raise: the sentence with the line of the file."""
    return LedgerRefused(_("Line %(line)d: %(what)s") % {"line": line, "what": sentence})


def checked(reading: Reading) -> Reading:
    """The same reading. Raises LedgerRefused where there is nothing in it, or too much."""
    if not reading.movements:
        raise LedgerRefused(_("There is no movement in this file."))
    if len(reading.movements) > MOST_MOVEMENTS:
        raise LedgerRefused(
            _("There are more than %(most)d movements in this file. Take a shorter period.")
            % {"most": MOST_MOVEMENTS}
        )
    return reading


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def fingerprints(movements: Sequence[Movement]) -> list[str]:
    """One for each movement: the same whenever the bank tells it again, in whatever file.

    Two equal movements of one file are two: they are counted from 1 on.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for one in movements:
        facts = (
            one.account,
            one.booked_on.isoformat(),
            f"{one.amount:.2f}",
            one.currency,
            _plain(one.reference) or _plain(one.purpose),
            one.payer_iban or one.payer_edrpou or _plain(one.payer_name),
        )
        seen[facts] += 1
        text = "\x1f".join([*facts, str(seen[facts])])
        found.append(hashlib.sha256(text.encode()).hexdigest())
    return found
