"""`manage.py settings_reference`: writes deploy/environment.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bezpechne.kernel import reference


class Command(BaseCommand):
    help = "Writes deploy/environment.md, the reference of all variables, from settings.py."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        faults = reference.faults()
        if faults:
            raise CommandError("\n".join(faults))
        reference.path().parent.mkdir(exist_ok=True)
        reference.path().write_text(reference.text())
        self.stdout.write(f"{reference.path()}: {len(reference.variables())} variables.")
