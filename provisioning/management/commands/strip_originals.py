"""`manage.py strip_originals`: originals of photos that are stored as they were sent."""

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bezpechne.kernel.queue import CityGone
from bezpechne.kernel.schema import PUBLIC
from bezpechne.kernel.stored import StorageUnavailable
from community.questions.actions.originals import WRONG, Outcome, strip_originals
from provisioning import moving_files as moving
from provisioning.management.failures import BadInputError
from tenants.current import entered

TELL_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Writes originals of photos anew without place and camera data, in all cities or some, while "
        "the platform runs. Newer ones have none; a killed run is "
        "simply repeated. Exit codes: 0 all is right, 1 something is not, 2 wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", action="append", default=[], metavar="SLUG",
                            help="this city alone; may be repeated")  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="say what would be rewritten")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            schemas = moving.schemas(options["city"])
        except LookupError as error:
            raise BadInputError(f"No city has the slug {error}.") from error
        write = not options["dry_run"]
        try:
            done = [self._city(schema, write=write) for schema in schemas if schema != PUBLIC]
        except StorageUnavailable as error:
            raise CommandError(f"{error} What was done stays; run this again to go on.") from error
        total = sum(done, Counter[Outcome]())
        if not write:
            self.stdout.write(
                f"{total[Outcome.REWRITTEN]} would be rewritten. Nothing was written."
            )
        wrong = sum(total[outcome] for outcome in WRONG)
        if wrong:
            raise CommandError(f"{wrong} originals are not right; they are named above.")

    def _city(self, schema: str, *, write: bool) -> "Counter[Outcome]":
        counts: Counter[Outcome] = Counter()
        told = time.monotonic()
        try:
            with entered(schema):
                for name, outcome in strip_originals(write=write):
                    counts[outcome] += 1
                    if outcome in WRONG:
                        self.stdout.write(f"{schema}/{name}: {outcome}")
                    if time.monotonic() - told > TELL_SECONDS:
                        told = time.monotonic()
                        self._line(schema, counts, "…")
        except CityGone:
            return counts
        self._line(schema, counts, ".")
        return counts

    def _line(self, schema: str, counts: "Counter[Outcome]", end: str) -> None:
        said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        self.stdout.write(f"{schema}: {said or 'no photos'}{end}")
