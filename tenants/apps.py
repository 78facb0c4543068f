from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        """Tells the kernel how to enter a city, what its site is called, when its letters wait."""
        from bezpechne.kernel import metrics, queue, site  # noqa: PLC0415 - after all apps are loaded
        from bezpechne.kernel.mail import outbox  # noqa: PLC0415 - same
        from tenants import current, figures, limits, resolution  # noqa: PLC0415 - same

        queue.set_city_hook(current.entered)
        site.set_site_hook(current.site_in_force)
        outbox.set_hold_hook(current.mail_is_held)
        outbox.set_limit_hook(limits.mails_limit_in_force)
        metrics.add_source(figures.fleet)
        for model in ("City", "Domain"):
            for signal in (post_save, post_delete):
                signal.connect(resolution.on_change, sender=f"tenants.{model}")
