from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "provisioning.handover"
    label = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What its actions are called in the history of the money."""
        from billing import audit  # noqa: PLC0415 - after all apps are loaded
        from provisioning.handover import wording  # noqa: PLC0415 - same

        audit.add_words(wording.ACTIONS)
