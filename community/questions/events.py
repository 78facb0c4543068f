"""What happened to a question, told inside the transaction. `notices` listens; nobody here knows."""

from typing import Any

from django.dispatch import Signal

happened = Signal()


def tell(event: str, **what: Any) -> None:
    """Receivers add mails to the same transaction; an error in one rolls the action back."""
    happened.send(sender=None, event=event, **what)
