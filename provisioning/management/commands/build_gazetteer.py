from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from provisioning.gazetteer.build import BuildError, build, build_left_out
from provisioning.gazetteer.places import CRIMEA, GAZETTEER
from provisioning.management.failures import BadInputError


class Command(BaseCommand):
    help = (
        "Rebuild the gazetteer of hromadas from the codifier and GeoNames: "
        "uv run --group gazetteer python manage.py build_gazetteer"
    )
    # Nothing of the database is needed to write a file.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=GAZETTEER, help="the CSV file to write")
        parser.add_argument(
            "--check",
            type=Path,
            metavar="REFERENCE",
            help="a CSV file with katottg, slug, lat and lon that judges the points found",
        )

    def handle(self, *, out: Path, check: Path | None, **options: object) -> None:
        try:
            report = build(out, check)
        except BuildError as error:
            raise BadInputError(str(error)) from error
        if out == GAZETTEER:
            self.stdout.write(f"{build_left_out(CRIMEA)} rows of Crimea.")
        counts = ", ".join(f"{count} {trust}" for trust, count in report.by_trust.items())
        self.stdout.write(f"{report.rows} rows: {counts}.")
        for title, codes in (("Misplaced", report.misplaced), ("Missing", report.missing)):
            if codes:
                self.stdout.write(f"{title}: {', '.join(codes)}.")
        for code, ours, theirs in report.slugs:
            self.stdout.write(f"Slug of {code}: {ours}, reference {theirs}.")
