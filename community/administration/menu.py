"""What the administration consists of."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Card:
    """`icon`: a symbol of the sprite."""

    url: str
    title: str
    text: str
    icon: str


def cards() -> list[Card]:
    """In the order in which a city is prepared."""
    return [
        Card(reverse(name), title, text, icon)
        for name, title, text, icon in (
            (
                "administration:topics",
                _("Topics"),
                _("What residents choose from, in which order, and who answers."),
                "tag",
            ),
        )
    ]
