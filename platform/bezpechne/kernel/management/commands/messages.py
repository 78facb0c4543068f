"""`manage.py messages`: keeps the Ukrainian catalogue in step with the sources."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Collects messages into django.po and compiles django.mo, or checks both."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from bezpechne.kernel import messages  # noqa: PLC0415 - needs Babel, as few machines do
        except ModuleNotFoundError as error:
            raise CommandError(
                "Babel is missing. Install the developers' tools: uv sync"
            ) from error
        if options["action"] == "update":
            self.stdout.write(f"{messages.update()} messages.")
        found = messages.faults()
        if not found:
            self.stdout.write("The catalogue is complete.")
            return
        for fault in found:
            self.stdout.write(fault)
        if options["action"] == "check":
            raise CommandError(
                f"Faults: {len(found)}. Run `manage.py messages update`, then translate."
            )
