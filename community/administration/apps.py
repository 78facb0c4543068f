from django.apps import AppConfig

from bezpechne.kernel.audit import words


class AdministrationConfig(AppConfig):
    name = "community.administration"
    label = "administration"

    def ready(self) -> None:
        from community.administration.activity_words import OWN_WORDS  # noqa: PLC0415 - when apps are ready

        words.register(OWN_WORDS)
