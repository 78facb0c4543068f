"""Which rows a report counts: those its reader may see, and of these those that were chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Lens:
    """The reader sees `everything`, or the money of `payers` and of `accounts`.

    `account_id`, `payer_id` and `oblast` narrow that further; without them it is all of it. Every
    statement of the reports takes its condition from here, so that none can forget the reader.
    """

    everything: bool = False
    payers: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    account_id: int | None = None
    payer_id: int | None = None
    oblast: str = ""

    def where(self, payer: str, account: str) -> str:
        """An SQL condition over the columns with the payer's and the account's key."""
        parts = [] if self.everything else [self._seen(payer, account)]
        if self.account_id is not None:
            parts.append(f"{account} = %(account_id)s")
        if self.payer_id is not None:
            parts.append(f"{payer} = %(payer_id)s")
        if self.oblast:
            parts.append(
                f"{account} IN (SELECT id FROM billing_city_account WHERE oblast = %(oblast)s)"  # noqa: S608 - a column
            )
        return " AND ".join(parts) or "TRUE"

    def _seen(self, payer: str, account: str) -> str:
        seen = [
            f"{column} = ANY(%({name})s)"
            for column, name, keys in (
                (payer, "payers", self.payers),
                (account, "accounts", self.accounts),
            )
            if keys
        ]
        return f"({' OR '.join(seen)})" if seen else "FALSE"

    @property
    def values(self) -> Mapping[str, Any]:
        """What the placeholders of `where` stand for."""
        return {
            "payers": sorted(self.payers),
            "accounts": sorted(self.accounts),
            "account_id": self.account_id,
            "payer_id": self.payer_id,
            "oblast": self.oblast,
        }

    @property
    def has_whole_cities(self) -> bool:
        """Whether everybody's share in the cities is counted, so that a city's figures are whole."""
        if self.payer_id is not None:
            return False
        return self.everything or not self.payers or self.account_id in self.accounts

    @property
    def has_whole_payers(self) -> bool:
        """Whether all that the payers gave is counted, whatever the city."""
        if self.account_id is not None or self.oblast:
            return False
        return self.everything or not self.accounts or self.payer_id in self.payers
