"""What the desk's people are told when something happens, inside the action's transaction."""

from typing import Any

from community.desk.actions.reminders import tell_urgent
from community.questions.models import Question


def on_event(sender: Any, signal: Any, event: str, **what: Any) -> None:
    """An urgent question has come to the desk."""
    question = what.get("question")
    if event == "received" and isinstance(question, Question) and question.is_urgent:
        tell_urgent(question)
