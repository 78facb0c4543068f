"""A city's name typed by a person to confirm a step."""

from tenants.romanisation import APOSTROPHES

_ONE_APOSTROPHE = str.maketrans(dict.fromkeys(APOSTROPHES, "’"))


def same_name(typed: str, name: str) -> bool:
    """Whether they are the same but for case, spaces around and the kind of apostrophe."""

    def plain(text: str) -> str:
        return " ".join(text.translate(_ONE_APOSTROPHE).casefold().split())

    return plain(typed) == plain(name)
