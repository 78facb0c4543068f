"""Cities in the ledger. The gazetteer's facts come through a hook: billing knows no gazetteer."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.sorting import ukrainian_key
from billing.audit import note
from billing.models import CityAccount
from tenants.models import City


@dataclass(frozen=True)
class PlaceFacts:
    """Of the hromada: `population` in persons, None where nobody knows it."""

    oblast: str = ""
    population: int | None = None
    budget_code: str = ""


PlaceHook = Callable[[City], PlaceFacts]
_facts_of: PlaceHook = lambda city: PlaceFacts()  # noqa: E731 - the hook's default


def set_place_hook(hook: PlaceHook) -> None:
    """`provisioning` registers the gazetteer's look-up once at start."""
    global _facts_of  # noqa: PLW0603 - one hook for the process
    _facts_of = hook


def account_for(city: City, *, by: Actor) -> CityAccount:
    """The city's account, opened when there is none yet.

    A restored city takes up the account that its code had before.
    """
    by.require(Permission.FINANCE)
    found = CityAccount.objects.filter(city=city).first()
    return found or _open(city, by)


@transaction.atomic
def _open(city: City, by: Actor) -> CityAccount:
    facts = _facts_of(city)
    account, made = CityAccount.objects.update_or_create(
        katottg=city.katottg,
        defaults={
            "city": city,
            "slug": city.slug,
            "schema": city.schema_name,
            "name_uk": city.name_uk,
            "name_en": city.name_en,
            "name_sort": ukrainian_key(city.name_uk),
            "oblast": facts.oblast,
            "population": facts.population,
            "budget_code": facts.budget_code,
        },
    )
    if made:
        note(by=by, action="account_opened", subject=account)
    return account


@transaction.atomic
def show_costs(*, by: Actor, account: CityAccount, shown: bool) -> None:
    """Whether the city's site says who pays for its moderator and what that gave."""
    by.require(Permission.FINANCE)
    row = CityAccount.objects.select_for_update().get(pk=account.pk)
    if row.is_public == shown:
        return
    row.is_public = shown
    row.save(update_fields=["is_public"])
    action = "account_shown" if shown else "account_hidden"
    note(by=by, action=action, subject=row)


def account_label(account: CityAccount) -> str:
    """«Полтава, Полтавська область»."""
    if not account.oblast:
        return account.name
    return _("%(city)s, %(oblast)s oblast") % {"city": account.name, "oblast": account.oblast}
