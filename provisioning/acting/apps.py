from django.apps import AppConfig


class ActingConfig(AppConfig):
    name = "provisioning.acting"
    label = "acting"

    def ready(self) -> None:
        """Signing out ends the session in the record too."""
        from django.contrib.auth.signals import user_logged_out  # noqa: PLC0415 - apps are loaded

        from provisioning.acting import actions  # noqa: PLC0415 - same

        user_logged_out.connect(actions.on_sign_out, dispatch_uid="provisioning.acting")
