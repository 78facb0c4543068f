"""`manage.py move_files --to s3`: all files from the folder into the bucket, or back."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bezpechne.kernel.stored import StorageUnavailable
from provisioning import moving_files as moving
from provisioning.management.failures import BadInputError

SHOWN = 20
TELL_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Copies files of all cities or some into the bucket of the S3_ variables, or back into the "
        "folder, while the platform runs. Compares size and MD5; a killed run is simply repeated. "
        "Exit codes: 0 all is right, 1 something is not, 2 wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", choices=moving.PLACES, required=True, help="where files go")
        parser.add_argument("--city", action="append", default=[], metavar="SLUG",
                            help="this city alone; may be repeated")  # fmt: skip
        parser.add_argument("--workers", type=int, default=4, help="files at once (4)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be copied")
        parser.add_argument("--verify", action="store_true", help="compare only; 1 if they differ")
        parser.add_argument("--deep", action="store_true",
                            help="read every byte of the copies instead of trusting sums")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["workers"] <= 32:
            raise BadInputError("--workers is between 1 and 32.")
        if not settings.S3_BUCKET:
            raise BadInputError(
                "S3_BUCKET is not set. Set the S3_ variables for this command; the servers may go on "
                "without them."
            )
        try:
            schemas = moving.schemas(options["city"])
        except LookupError as error:
            raise BadInputError(f"No city has the slug {error}.") from error
        self._started = self._told = time.monotonic()
        looking = options["dry_run"] or options["verify"]
        mover = moving.Mover(
            source=moving.storage_of("folder" if options["to"] == "s3" else "s3"),
            target=moving.storage_of(options["to"]),
            write=not looking,
            deep=options["deep"],
            workers=options["workers"],
            tell=self._tell,
        )
        try:
            wrong = self._walk(mover, schemas)
        except (moving.Hopeless, StorageUnavailable) as error:
            why = error if isinstance(error, StorageUnavailable) else "Too many failures in a row."
            raise CommandError(f"{why} What was copied stays; run this again to go on.") from error
        self._finish(wrong, dry=options["dry_run"])

    def _walk(self, mover: moving.Mover, schemas: list[str]) -> list[str]:
        """Passes until one has nothing to do: files that came meanwhile are copied by the next."""
        for number in range(1, moving.PASSES + 1):
            reports = []
            for schema in schemas:
                reports.append(mover.move(schema))
                if number == 1 or reports[-1].changed:
                    self._line(reports[-1])
            if not mover.write or not any(report.changed for report in reports):
                break
        return [
            f"{report.schema}/{name}: {outcome}"
            for report in reports
            for name, outcome in report.wrong
        ]

    def _tell(self, report: moving.Report) -> None:
        """A sign of life within a large city."""
        if time.monotonic() - self._told > TELL_SECONDS:
            self._line(report, "…")

    def _line(self, report: moving.Report, end: str = ".") -> None:
        self._told = time.monotonic()
        counts = [f"{number} {outcome}" for outcome, number in report.counts.items() if number]
        extra = [f"{report.extra} at the target alone"] if report.extra else []
        said = ", ".join([*counts, *extra]) or "no files"
        self.stdout.write(f"{report.schema}: {said}, {report.size / 1_000_000:.1f} MB{end}")

    def _finish(self, wrong: list[str], *, dry: bool) -> None:
        took = time.monotonic() - self._started
        for line in wrong[:SHOWN]:
            self.stdout.write(line)
        if len(wrong) > SHOWN:
            self.stdout.write(f"… and {len(wrong) - SHOWN} more")
        if dry:
            self.stdout.write(f"{len(wrong)} files would be copied. Nothing was written.")
        elif wrong:
            raise CommandError(f"{len(wrong)} files are not right at the target.")
        else:
            self.stdout.write(f"All files are right at the target, after {took:.1f} s.")
