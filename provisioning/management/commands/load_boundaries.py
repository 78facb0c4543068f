from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from provisioning.gazetteer.boundaries import BoundaryError
from provisioning.gazetteer.loading import load_boundaries
from provisioning.management.failures import BadInputError
from provisioning.outlines import take_outlines
from provisioning.provisioning import OPERATOR

_SHOWN = 20


class Command(BaseCommand):
    help = "Load outlines of hromadas from the COD-AB GeoJSON (admin level 3); may be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the GeoJSON file")

    def handle(self, *, file: Path, **options: object) -> None:
        self.stdout.write(f"Reading {file.name} …")
        try:
            report = load_boundaries(file, self._progress)
        except BoundaryError as error:
            raise BadInputError(str(error)) from error
        self.stdout.write(
            f"{report.matched} outlines loaded, {report.placed} points taken from them, "
            f"{report.left_out} features of Crimea left out."
        )
        for city in take_outlines(by=OPERATOR):
            self.stdout.write(f"{city.name_uk} has its outline now.")
        self._list("Not in the gazetteer", report.unmatched)
        self._list("Still without an outline", report.without_outline)

    def _progress(self, done: int, total: int) -> None:
        self.stdout.write(f"{done} of {total}")

    def _list(self, title: str, codes: tuple[str, ...]) -> None:
        if codes:
            more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
            self.stdout.write(f"{title} ({len(codes)}): {', '.join(codes[:_SHOWN])}{more}.")
