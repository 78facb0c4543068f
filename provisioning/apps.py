from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "provisioning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Begins to listen; tells who may enter with a token, and what the ledger asks of a place."""
        from bezpechne.accounts import access  # noqa: PLC0415 - after all apps are loaded
        from bezpechne.kernel.audit import words  # noqa: PLC0415 - same
        from billing import accounts  # noqa: PLC0415 - same
        from provisioning import ledger, receivers  # noqa: F401, PLC0415 - same
        from provisioning.api import door  # noqa: PLC0415 - same
        from provisioning.journal_words import WORDS  # noqa: PLC0415 - same

        words.register(WORDS)
        access.set_token_hook(door.check)
        accounts.set_place_hook(ledger.facts_of)
