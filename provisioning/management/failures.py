"""How a command of ours refuses bad input."""

from django.core.management.base import CommandError


class BadInputError(CommandError):
    """The command was given something it cannot work with; it exits with 2, like bad usage."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)
