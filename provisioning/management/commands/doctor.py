"""`manage.py doctor`: is this installation well, and what to do where it is not."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bezpechne.kernel.doctor import Finding, Level, examine
from provisioning.doctor import CHECKS

_MARKS = {Level.OK: "ok     ", Level.WARNING: "warning", Level.ERROR: "ERROR  "}


class Command(BaseCommand):
    help = "Examines this installation; explains each finding and its fix. Exit code 1 on errors."
    # A broken installation is what it is for.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[Finding] = []
        for finding in examine(CHECKS):
            found.append(finding)
            if not options["json"]:
                self._line(finding)
        if options["json"]:
            rows = [
                {"check": one.check, "level": one.level, "text": one.text, "fix": one.fix}
                for one in found
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        errors = sum(one.level == Level.ERROR for one in found)
        if errors:
            raise CommandError(f"Errors: {errors}.", returncode=1)

    def _line(self, finding: Finding) -> None:
        self.stdout.write(f"{_MARKS[finding.level]} {finding.check}: {finding.text}")
        if finding.fix:
            self.stdout.write(f"        → {finding.fix}")
