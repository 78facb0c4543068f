from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "community.questions"
    label = "questions"

    def ready(self) -> None:
        """Registers what is measured here, and whose files these are."""
        from community.questions import meters, sweeping  # noqa: F401, PLC0415 - after models are loaded
