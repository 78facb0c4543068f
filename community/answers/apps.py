from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "community.answers"
    label = "answers"

    def ready(self) -> None:
        """Registers whose files these are."""
        from community.answers import sweeping  # noqa: F401, PLC0415 - after models are loaded
