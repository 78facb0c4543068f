from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class ConsoleConfig(AppConfig):
    name = "provisioning.console"
    label = "console"

    def ready(self) -> None:
        """Each new city gets its row of figures at once; banners follow their rows."""
        from provisioning.console import banners, reporting  # noqa: PLC0415 - after models

        post_save.connect(reporting.on_city_saved, sender="tenants.City")
        for signal in (post_save, post_delete):
            signal.connect(banners.forget, sender="console.Announcement")
