from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "bezpechne.kernel.audit"
    label = "audit"
