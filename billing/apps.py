from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Lets Stripe's mirror hear of invoices; without a key it only listens."""
        from billing import sweeping  # noqa: F401, PLC0415 - after models are loaded
        from billing.events import happened  # noqa: PLC0415 - after models are loaded
        from billing.stripe.receivers import on_event  # noqa: PLC0415 - same

        happened.connect(on_event, dispatch_uid="billing.stripe")
