from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "community.administration"
    label = "administration"
