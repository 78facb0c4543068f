from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "community.desk"
    label = "desk"

    def ready(self) -> None:
        """Registers what is measured here, and starts listening."""
        from community.desk import meters  # noqa: F401, PLC0415 - after models are loaded
        from community.desk.receivers import on_event  # noqa: PLC0415 - same
        from community.questions.events import happened  # noqa: PLC0415 - same

        happened.connect(on_event, dispatch_uid="community.desk")
