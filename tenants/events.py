"""What was done to a city's domains, told inside the transaction. `provisioning` keeps the journal."""

from typing import Any

from django.dispatch import Signal

from bezpechne.kernel.actors import Actor
from tenants.models import City

happened = Signal()


def tell(*, by: Actor, city: City, action: str, **detail: Any) -> None:
    """An error in a receiver rolls the action back."""
    happened.send(sender=None, by=by, city=city, action=action, detail=detail)
