"""Which column of a bank's table is what: guessed from its names, changed by a person."""

import hashlib
import re
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.errors import LedgerRefused


class Part(models.TextChoices):
    """What a column may hold, in the order of the form."""

    DAY = "day", gettext_lazy("Day")
    AMOUNT = "amount", gettext_lazy("Sum (minus: money that left)")
    DIRECTION = "direction", gettext_lazy("Direction: debit or credit")
    CREDIT = "credit", gettext_lazy("Sum that came (credit)")
    DEBIT = "debit", gettext_lazy("Sum that left (debit)")
    CURRENCY = "currency", gettext_lazy("Currency")
    PAYER_NAME = "payer_name", gettext_lazy("Name of the other side")
    PAYER_EDRPOU = "payer_edrpou", gettext_lazy("EDRPOU of the other side")
    PAYER_IBAN = "payer_iban", gettext_lazy("Account of the other side")
    PURPOSE = "purpose", gettext_lazy("Purpose")
    REFERENCE = "reference", gettext_lazy("Number of the payment")
    ACCOUNT = "account", gettext_lazy("Our account")


_OTHER = r"(контрагент|кореспондент|платник|відправник|корр?\b|другої сторони|одержувач|отримувач)"
# In the order of trust: the first that fits a free column wins.
_NAMES: Sequence[tuple[Part, str]] = (
    (Part.DAY, r"^(дата|date)( і час| та час)? (операції|проводки|проведення|транзакції)"),
    (Part.DAY, r"^(booking|posting|transaction) date|^booked"),
    (Part.DAY, r"^дата$|^дата (і|та) час|^date$|^дата операц|^день$"),
    (Part.DAY, r"^дата валют|^value date|^дата док|^дата плат|^date\b|^дата\b"),
    (
        Part.PAYER_EDRPOU,
        r"(єдрпоу|едрпоу|edrpou|рнокпп|іпн|tax id|(?<!\w)код (контр|кор|плат|від))",
    ),
    (
        Part.PAYER_IBAN,
        rf"(рахунок|рах|iban|account|р/р).*{_OTHER}|{_OTHER}.*(рахунок|рах\b|iban|р/р)",
    ),
    (Part.PAYER_IBAN, r"(counterparty|payer|debtor|sender|partner).*(iban|account)|^кор\w* рах"),
    (Part.ACCOUNT, r"^(наш |мій |own |our )?(рахунок|iban|account)( клієнта| власника| number)?$"),
    (Part.PURPOSE, r"призначення|purpose|remittance|details|description|опис|деталі|підстава"),
    (Part.PAYER_NAME, rf"(назва|найменування|піб|name).*{_OTHER}|{_OTHER}.*(назва|найменування)"),
    (Part.PAYER_NAME, rf"^{_OTHER}(а)?$|^(counterparty|payer|debtor|sender|partner)( name)?$"),
    (
        Part.DIRECTION,
        r"^(д/к|дт/кт|дб/кр|d/c|dr/cr|debit/credit|дебет/кредит|напрям\w*|direction)$",
    ),
    (Part.DIRECTION, r"^(тип|вид|type)( операції| проводки| транзакції)?$|^credit debit"),
    (Part.CREDIT, r"^(сума )?(по |за )?(кредит|надход|зарахув|прихід|credit|paid in|incoming)"),
    (
        Part.DEBIT,
        r"^(сума )?(по |за )?(дебет|списан|видат|витрат|debit|paid out|outgoing|withdraw)",
    ),
    (Part.AMOUNT, r"^(сума|amount|sum)( операції| платежу| транзакції| у валюті рахунк\w*)?$"),
    (Part.AMOUNT, r"^(сума|amount)\b(?!.*(екв|комі|fee|залиш))"),
    (Part.CURRENCY, r"^(валюта|currency|ccy|вал)\b"),
    (
        Part.REFERENCE,
        r"^(номер|№|n|no) (документ\w*|док|платеж\w*|платіжн\w*)|document (no|number)",
    ),
    (
        Part.REFERENCE,
        r"референс|reference|^ref\b|^id (операції|транзакції)|transaction id|^документ$",
    ),
)
# A bank's second column of sums (in hryvnias, a fee, a balance) is none of ours.
_LETTERS = str.maketrans("aceiopxyTHBKM", "асеіорхуТНВКМ")


def _plain(name: str) -> str:
    """Lower case, blanks for marks, a Ukrainian word without Latin letters in it."""
    words = re.sub(r"[\s_.,:;()«»\"*]+", " ", name.strip().lower()).split()
    return " ".join(
        word.translate(_LETTERS) if re.search(r"[а-яіїєґ]", word) else word for word in words
    )


def guessed(names: Sequence[str]) -> dict[str, int]:
    """Parts with the number of their column, from 0; what is not known is left out."""
    found: dict[str, int] = {}
    plain = [_plain(name) for name in names]
    for part, pattern in _NAMES:
        if part in found:
            continue
        for place, name in enumerate(plain):
            if place not in found.values() and re.search(pattern, name):
                found[part] = place
                break
    both = Part.CREDIT in found and Part.DEBIT in found
    for needless in (Part.AMOUNT, Part.DIRECTION) if both else (Part.CREDIT, Part.DEBIT):
        if both or Part.AMOUNT in found:
            found.pop(needless, None)
    return found


def header_key(names: Sequence[str]) -> str:
    """Under which a mapping is remembered: the names of the columns in their order."""
    text = "\x1f".join(_plain(name) for name in names)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Mapping:
    """`columns`: parts with numbers of columns. `account`: ours, where no column tells it."""

    columns: Dictionary[str, int]
    account: str = ""


def check(mapping: Mapping, width: int) -> None:
    """Raises LedgerRefused at the part that lacks or has no such column."""
    columns = mapping.columns
    if Part.DAY not in columns:
        raise LedgerRefused(_("Say which column is the day."), Part.DAY)
    if Part.AMOUNT not in columns and not {Part.CREDIT, Part.DEBIT} <= set(columns):
        raise LedgerRefused(
            _("Say which column is the sum, or which two are credit and debit."), Part.AMOUNT
        )
    if Part.AMOUNT in columns and {Part.CREDIT, Part.DEBIT} & set(columns):
        raise LedgerRefused(_("Either one column of sums or two, not both."), Part.AMOUNT)
    if Part.ACCOUNT not in columns and not mapping.account:
        raise LedgerRefused(
            _("Say which account of ours this is: the file does not tell it."), "own_account"
        )
    used: dict[int, str] = {}
    for part, place in columns.items():
        if not 0 <= place < width:
            raise LedgerRefused(_("There is no such column."), part)
        if place in used:
            raise LedgerRefused(_("This column is chosen twice."), part)
        used[place] = part
