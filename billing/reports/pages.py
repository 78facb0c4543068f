"""Pages of a list: which one is asked for, and the ways to its neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bezpechne.kernel.query_strings import number_of

PAGE = 50
# No list is longer; what asks for more was not written by a page.
LAST_PAGE = 999_999


def page_number(given: Mapping[str, str]) -> int:
    """`?page=` from 1 on; anything else is the first."""
    number = number_of(given, "page")
    return number if 1 <= number <= LAST_PAGE else 1


def address_of(**values: str) -> str:
    """The address of a list without what is blank, up to the page's number."""
    chosen = {name: value for name, value in values.items() if value}
    return f"?{urlencode([*chosen.items(), ('page', '')])}"


@dataclass(frozen=True)
class Pages:
    """`address` ends where the page's number goes: «?by=document&page=»."""

    number: int
    rows: int
    address: str
    size: int = PAGE

    @property
    def last(self) -> int:
        return max(-(-self.rows // self.size), 1)

    @property
    def page(self) -> int:
        """One beyond the end is the last."""
        return min(self.number, self.last)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def newer_url(self) -> str:
        return f"{self.address}{self.page - 1}" if self.page > 1 else ""

    @property
    def older_url(self) -> str:
        return f"{self.address}{self.page + 1}" if self.page < self.last else ""
