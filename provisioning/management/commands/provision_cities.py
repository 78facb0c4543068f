"""`manage.py provision_cities --all | --oblast … | FILE.csv`: many cities, resumable."""

import csv
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning import bulk
from provisioning.gazetteer.loading import load_gazetteer
from provisioning.management.failures import BadInputError
from provisioning.management.progress import Progress
from provisioning.models import Hromada
from provisioning.schemas.stock import current_script


class Command(BaseCommand):
    help = "Creates many cities; those that exist are kept, so a killed run is simply repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--all", action="store_true", help="every hromada and Kyiv")
        what.add_argument("--oblast", default="", help="every hromada of one oblast")
        what.add_argument("file", nargs="?", default="", metavar="FILE.csv",
                          help=f"columns: {', '.join(bulk.COLUMNS)}")  # fmt: skip
        parser.add_argument("--admin-email", default="", help="with --all, --oblast: invited there")
        parser.add_argument("--threads", type=int, default=2, help="cities at once (2)")
        parser.add_argument("--report", metavar="FILE", help="what failed and why, as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["threads"] <= 16:
            raise BadInputError("--threads is between 1 and 16.")
        lines, faults = self._lines(options)
        if not Hromada.objects.exists():
            load_gazetteer()
        current_script()
        started = time.perf_counter()
        progress = Progress(self.stdout, len(lines))

        def tell(line: bulk.Line, error: str) -> None:
            progress.step()
            if error:
                progress.line(f"{line.where}: {error}")

        report = bulk.provision_all(lines, tell, threads=options["threads"])
        took = time.perf_counter() - started
        self.stdout.write(
            f"{report.made} cities made, {report.kept} kept, in {took:.1f} s"
            f" ({took / max(report.made, 1) * 1000:.0f} ms a city)."
        )
        self._finish({**faults, **report.failed}, options["report"])

    def _lines(self, options: dict[str, Any]) -> tuple[list[bulk.Line], dict[str, str]]:
        try:
            if options["file"]:
                return bulk.read_file(Path(options["file"]))
            return bulk.lines_of_ukraine(options["oblast"], options["admin_email"]), {}
        except bulk.UnreadableFile as fault:
            raise BadInputError(str(fault)) from fault

    def _finish(self, failed: dict[str, str], path: str | None) -> None:
        if path:
            with Path(path).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["what", "why"])
                writer.writerows(failed.items())
        if failed:
            listed = "\n".join(f"  {where}: {why}" for where, why in failed.items())
            raise CommandError(f"{len(failed)} were not made:\n{listed}", returncode=1)
