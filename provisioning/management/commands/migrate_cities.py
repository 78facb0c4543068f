"""`manage.py migrate_cities`: brings every city's schema to this release."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning.management.failures import BadInputError
from provisioning.management.progress import Progress
from provisioning.schemas import fleet
from tenants.models import City


class Command(BaseCommand):
    help = "Migrates the cities that are behind this release; may be repeated and killed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show the plan, change no city")
        parser.add_argument("--sql", action="store_true", help="with --dry-run: the SQL as well")
        parser.add_argument("--threads", type=int, default=2, help="cities at once (2)")
        parser.add_argument("--canary", default="", metavar="SLUG", help="this city goes first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["threads"] <= 16:
            raise BadInputError("--threads is between 1 and 16.")
        behind = fleet.behind()
        if not behind:
            self.stdout.write("Every city has this release's tables. Nothing to do.")
            return
        if options["dry_run"]:
            self._show_plan(with_sql=options["sql"])
            return
        canary = options["canary"]
        if canary and not City.objects.filter(slug=canary).exists():
            raise BadInputError(f"No city has the slug {canary!r}. See `city list`.")
        self._run(sum(behind.values()), options["threads"], canary)

    def _show_plan(self, *, with_sql: bool) -> None:
        for way in fleet.plan():
            how = "replay of recorded SQL" if way.sql else "Django's executor, city by city"
            self.stdout.write(f"{way.cities} cities at {way.before or '?'}: {how}")
            for name in way.migrations:
                self.stdout.write(f"  {name}")
            if with_sql and way.sql:
                self.stdout.write(way.sql)

    def _run(self, total: int, threads: int, canary: str) -> None:
        started = time.perf_counter()
        progress = Progress(self.stdout, total)

        def tell(slug: str, error: str) -> None:
            progress.step()
            if error:
                progress.line(f"{slug}: {error}")

        outcome = fleet.migrate_cities(tell, threads=threads, canary=canary)
        took = time.perf_counter() - started
        self.stdout.write(f"{len(outcome.done)} cities migrated in {took:.1f} s.")
        if outcome.stopped_at_canary:
            [(slug, error)] = outcome.failed.items()
            raise CommandError(f"Stopped at the first city, {slug}: {error}", returncode=1)
        if outcome.failed:
            listed = "\n".join(f"  {slug}: {error}" for slug, error in outcome.failed.items())
            raise CommandError(
                f"{len(outcome.failed)} cities failed and answer 503 until a rerun:\n{listed}",
                returncode=1,
            )
