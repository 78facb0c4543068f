"""Меморандум про співпрацю: a draft that an organisation, a council and the police talk about."""

from dataclasses import dataclass
from datetime import date

from billing.papers.parties import Party
from billing.papers.pdf import TEMPLATES
from billing.papers.sheet import Block, Clause, Facts, Heading, Sheet, Signatures, Text
from billing.papers.word import EditablePaper
from billing.papers.words import dated, days_of

# Sections behind «# », each line a clause; names in braces are filled from the memorandum. The
# first section is the preamble, the last one the annex. No law is named: the caller gives them.
WORDING = TEMPLATES / "memorandum.txt"
NO_CONTACT = "визначається листом після підписання"


@dataclass(frozen=True)
class Memorandum(EditablePaper):
    """`day` is when the draft was made; the day of signing is left blank.

    `answer_days`, `check_days`: working days; the other terms: calendar days. `donor`: a sentence
    with the donor's name and its disclaimer. `legal_basis`: sentences by the caller.
    """

    day: date
    city: str
    site: str
    organisation: Party
    council: Party
    police: Party
    pay_from: date
    until: date
    answer_days: int = 10
    check_days: int = 2
    breach_days: int = 3
    notice_days: int = 30
    handover_days: int = 30
    place: str = ""
    donor: str = ""
    legal_basis: tuple[str, ...] = ()

    def sheet(self) -> Sheet:
        preamble, *sections, annex = _sections()
        last = len(sections)
        blocks = (
            self._parties(),
            *(Text(line) for line in preamble[1:]),
            *(Clause("–", law) for law in self.legal_basis),
            *(
                block
                for place, section in enumerate(sections, start=1)
                for block in self._section(f"{place}.", section)
            ),
            Heading(f"{last + 1}. Контактні особи"),
            self._contacts(),
            Heading(f"{last + 2}. Реквізити й підписи"),
            Signatures(tuple(party.signature(role) for role, party in self._named())),
            *self._section("", annex, new_page=True),
        )
        return Sheet("Меморандум про співпрацю", self.day, blocks, place=self.place, draft=True)

    def _named(self) -> tuple[tuple[str, Party], ...]:
        return (
            ("Організація", self.organisation),
            ("Рада", self.council),
            ("Поліція", self.police),
        )

    def _parties(self) -> Facts:
        return Facts(
            tuple(
                row
                for role, party in self._named()
                for row in ((role, party.named), ("від її імені діє", party.acting))
            )
        )

    def _contacts(self) -> Facts:
        return Facts(tuple((role, party.contact or NO_CONTACT) for role, party in self._named()))

    def _section(
        self, mark: str, section: list[str], *, new_page: bool = False
    ) -> tuple[Block, ...]:
        filled = self._filled()
        title, *clauses = section
        return (
            Heading(f"{mark} {title}", new_page),
            *(
                Clause(f"{mark}{place}.", clause.format_map(filled))
                for place, clause in enumerate(clauses, start=1)
            ),
        )

    def _filled(self) -> dict[str, str]:
        return {
            "city": self.city,
            "site": self.site,
            "pay_from": dated(self.pay_from),
            "until": dated(self.until),
            "donor": f" {self.donor}" if self.donor else "",
            "answer_days": days_of(self.answer_days, "робочого", "робочих"),
            "check_days": days_of(self.check_days, "робочого", "робочих"),
            "breach_days": days_of(self.breach_days, "календарного", "календарних"),
            "notice_days": days_of(self.notice_days, "календарного", "календарних"),
            "handover_days": days_of(self.handover_days, "календарного", "календарних"),
        }


def _sections() -> list[list[str]]:
    """Each with its title first."""
    sections: list[list[str]] = []
    for line in WORDING.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            sections.append([line.removeprefix("# ")])
        elif line:
            sections[-1].append(line)
    return sections
