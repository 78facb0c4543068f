from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "bezpechne.kernel"
    label = "kernel"
