from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "community.portal"
    label = "portal"
