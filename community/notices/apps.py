from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "community.notices"
    label = "notices"

    def ready(self) -> None:
        """Starts listening."""
        from community.notices.receivers import on_event  # noqa: PLC0415 - after models are loaded
        from community.questions.events import happened  # noqa: PLC0415 - same

        happened.connect(on_event, dispatch_uid="community.notices")
