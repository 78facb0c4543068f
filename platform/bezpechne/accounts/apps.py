from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bezpechne.accounts"
    label = "accounts"
