"""Names of payers and cities for reports, in the language in force; no person's among them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from billing.models import CityAccount, Payer

_NUMBER = re.compile(r"(?=.*\d)[\w./№#-]{1,40}")


def chosen(uk: str, en: str) -> str:
    """The Ukrainian name where there is no English one."""
    return en if en and get_language() == "en" else uk


def payer_name(payer: Payer) -> str:
    return chosen(payer.name, payer.name_en)


def number_of(reference: str) -> str:
    """A bank's reference when it is one word with a digit; what people write may hold a name."""
    return reference if _NUMBER.fullmatch(reference) else ""


@dataclass(frozen=True)
class Place:
    """A city as reports name it."""

    id: int
    name: str
    oblast: str
    population: int | None
    sort: str


def payers(keys: Iterable[object]) -> dict[int, Payer]:
    """One statement."""
    found: dict[int, Payer] = Payer.objects.only("kind", "name", "name_en").in_bulk(list(keys))
    return found


def places(keys: Iterable[object]) -> dict[int, Place]:
    """One statement; without rows of models, since a fleet has 1,470."""
    rows = CityAccount.objects.filter(pk__in=list(keys)).values_list(
        "pk", "name_uk", "name_en", "oblast", "population", "name_sort"
    )
    return {
        pk: Place(pk, chosen(uk, en), oblast, population, sort)
        for pk, uk, en, oblast, population, sort in rows
    }
