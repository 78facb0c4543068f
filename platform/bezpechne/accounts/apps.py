from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bezpechne.accounts"
    label = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415 - needs the apps

        from bezpechne.accounts import sign_ins  # noqa: PLC0415 - same

        user_logged_in.connect(sign_ins.begin)
