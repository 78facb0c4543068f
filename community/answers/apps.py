from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "community.answers"
    label = "answers"

    def ready(self) -> None:
        """Registers whose files these are, and starts listening to questions."""
        from community.answers import sweeping  # noqa: F401, PLC0415 - after models are loaded
        from community.answers.receivers import on_event  # noqa: PLC0415 - same
        from community.questions.events import happened  # noqa: PLC0415 - same

        happened.connect(on_event, dispatch_uid="community.answers")
