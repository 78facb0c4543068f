from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "community.desk"
    label = "desk"

    def ready(self) -> None:
        """Registers what is measured here."""
        from community.desk import meters  # noqa: F401, PLC0415 - after models are loaded
