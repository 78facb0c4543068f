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
                "administration:map",
                _("Map and bounds"),
                _("Where the city is, where its map opens, and its outline."),
                "map",
            ),
            (
                "look:branding",
                _("Look and words"),
                _("Logo, colour, texts, languages and contacts, with a preview."),
                "palette",
            ),
            (
                "administration:topics",
                _("Topics"),
                _("What residents choose from, in which order, and who answers."),
                "tag",
            ),
            (
                "desk:units",
                _("Units"),
                _("Who answers: police and other bodies, as a tree and as a table."),
                "tree",
            ),
            (
                "desk:staff",
                _("Staff"),
                _("Moderators and administrators, their invitations."),
                "user",
            ),
            (
                "administration:privacy",
                _("Privacy and consent"),
                _("Who answers for personal data, how long it is kept, what residents agree to."),
                "shield",
            ),
            (
                "administration:overview",
                _("Overview"),
                _("What waits, how quickly answers come, letters that nobody got."),
                "chart",
            ),
            (
                "administration:activity",
                _("Activity"),
                _("Who did what and when, as a list and as a file."),
                "clock",
            ),
        )
    ]
