from django.apps import AppConfig

from bezpechne.kernel import faults


class PortalConfig(AppConfig):
    name = "community.portal"
    label = "portal"

    def ready(self) -> None:
        from community.portal import context  # noqa: PLC0415 - after the models are loaded

        faults.set_frame_hook(context.error_frame)
