"""Who a paper is between, and the contract that it rests on."""

from dataclasses import dataclass
from datetime import date

from billing.papers.sheet import Signature
from billing.papers.text import shortened
from billing.papers.words import dated

RNOKPP = "РНОКПП"
LONGEST_LINE = 250


@dataclass(frozen=True)
class Party:
    """An organisation or a person. Names stand in the nominative: papers never decline them.

    `code_name` is `RNOKPP` for a person; `basis`: by what the signatory acts, as «Статут».
    """

    name: str
    code: str = ""
    code_name: str = "код ЄДРПОУ"
    address: str = ""
    iban: str = ""
    bank: str = ""
    contact: str = ""
    position: str = ""
    signatory: str = ""
    basis: str = ""

    @property
    def named(self) -> str:
        """«ГО «Київ мрії», код ЄДРПОУ 12345678»."""
        return f"{self.name}, {self.coded}" if self.code else self.name

    @property
    def coded(self) -> str:
        return f"{self.code_name} {self.code}" if self.code else ""

    @property
    def acting(self) -> str:
        """«директорка Олена Коваль (підстава: Статут)»; empty for who acts for themselves."""
        if not self.position:
            return ""
        who = f"{self.position} {self.signatory}".strip()
        return f"{who} (підстава: {self.basis})" if self.basis else who

    def requisites(self) -> tuple[str, ...]:
        """Lines of a signature, none so long that the hands would not fit on a page."""
        iban = f"IBAN {self.iban}" if self.iban else ""
        lines = (self.name, self.coded, self.address, iban, self.bank, self.contact)
        return tuple(shortened(line, LONGEST_LINE) for line in lines if line)

    def signature(self, role: str) -> Signature:
        position = shortened(self.position, LONGEST_LINE)
        return Signature(role, self.requisites(), position, shortened(self.signatory, LONGEST_LINE))


@dataclass(frozen=True)
class Contract:
    """`kind` in the nominative: «договір», «грантова угода»."""

    number: str
    day: date
    kind: str = "договір"

    def __str__(self) -> str:
        return f"{self.kind} № {self.number} від {dated(self.day)}"
