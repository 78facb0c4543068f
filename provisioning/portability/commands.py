"""`manage.py city export | verify | restore`: arguments, progress and reports."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from provisioning.management.failures import BadInputError
from provisioning.portability.exporting import export_city
from provisioning.portability.planning import STATES
from provisioning.portability.reading import Archive, verify
from provisioning.portability.refusals import PortabilityRefused
from provisioning.portability.restoring import Restored, check_city, restore_city
from provisioning.provisioning import OPERATOR
from tenants.current import primary_domain
from tenants.models import City

ACTIONS = frozenset({"export", "verify", "restore"})


def add_parsers(actions: Any) -> None:
    """Adds the three to the parsers of `city`."""
    export = actions.add_parser("export", help="the whole city as one file")
    export.add_argument("slug")
    export.add_argument("file", type=Path)
    export.add_argument("--force", action="store_true", help="replaces FILE")
    check = actions.add_parser("verify", help="is an archive whole and unchanged")
    _archive_arguments(check)
    restore = actions.add_parser("restore", help="a city from its archive")
    _archive_arguments(restore)
    restore.add_argument("--slug", default="", help="another name in the address")
    restore.add_argument("--state", default="", choices=STATES, help="not the state that it had")
    restore.add_argument("--dry-run", action="store_true", help="checks all, changes nothing")


def _archive_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--sha256", default="", help="what `city export` printed")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Refusals end with exit code 2."""
    act = {"export": _export, "verify": _verify, "restore": _restore}[options["action"]]
    try:
        act(command, options)
    except PortabilityRefused as refusal:
        raise BadInputError(str(refusal)) from refusal


class _Lines:
    """Progress on one line of a terminal, or a line for each tenth elsewhere."""

    def __init__(self, command: BaseCommand) -> None:
        self._out = command.stdout
        self._live = bool(getattr(command.stdout, "isatty", lambda: False)())
        self._said: tuple[str, int] = ("", -1)
        self._at = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        last = done >= total
        if self._live:
            if last or time.monotonic() - self._at > 0.1:
                self._at = time.monotonic()
                self._out.write(f"\r  {what:<26} {done:>8} of {total}", ending="\n" if last else "")
                self._out.flush()
            return
        tenth = done * 10 // max(1, total)
        # Few things need one line, many need ten.
        if last or (total >= 1000 and (what, tenth) != self._said):
            self._said = (what, tenth)
            self._out.write(f"  {what:<26} {done:>8} of {total}")


def _export(command: BaseCommand, options: dict[str, Any]) -> None:
    city = City.objects.filter(slug=options["slug"]).first()
    if city is None:
        raise BadInputError(f"No city has the slug {options['slug']!r}. See `city list`.")
    started = time.perf_counter()
    done = export_city(
        by=OPERATOR,
        city=city,
        path=options["file"],
        force=options["force"],
        tell=_Lines(command),
    )
    out = command.stdout
    out.write(
        f"{city.name_uk}: {done.manifest.rows} rows, {done.manifest.files.count} files,"
        f" {megabytes(done.size)} in {time.perf_counter() - started:.1f} s"
    )
    out.write(f"{done.path}\nsha256 {done.sha256}")
    out.write("The archive holds personal data of residents: keep it encrypted.")
    _warn(command, done.warnings)


def _verify(command: BaseCommand, options: dict[str, Any]) -> None:
    with Archive(options["file"]) as archive:
        whole = verify(archive, _Lines(command), sha256=options["sha256"])
        manifest = archive.manifest
    command.stdout.write(
        f"{manifest.slug}, exported {manifest.created_at} by release {manifest.release}:"
        f" {manifest.rows} rows, {manifest.files.count} files. The archive is whole and unchanged"
        f" inside.\nsha256 {whole}"
    )
    if not options["sha256"]:
        command.stdout.write("Compare it with the one that the export printed (or give --sha256).")


def _restore(command: BaseCommand, options: dict[str, Any]) -> None:
    given = {name: options[name] for name in ("slug", "state", "sha256")}
    lines = _Lines(command)
    if options["dry_run"]:
        _manifest, _whole, plan = check_city(options["file"], tell=lines, **given)
        older = " after its migrations to this release" if plan.is_older else ""
        command.stdout.write(
            f"It can be restored as “{plan.city.slug}”, {plan.city.state}{older}."
            " Nothing was changed."
        )
        return _warn(command, plan.warnings)
    started = time.perf_counter()
    done = restore_city(by=OPERATOR, path=options["file"], tell=lines, **given)
    _report(command, done, time.perf_counter() - started)
    return None


def _report(command: BaseCommand, done: Restored, seconds: float) -> None:
    city, manifest, out = done.city, done.manifest, command.stdout
    out.write(
        f"{city.name_uk} is back as it was on {manifest.created_at}: {manifest.rows} rows,"
        f" {manifest.files.count} files, {len(manifest.jobs)} waiting jobs in {seconds:.1f} s."
        f" Rows and files equal those that were exported."
    )
    out.write(f"{primary_domain(city).url}  {city.state}")
    out.write("Passwords are as they were; everybody signs in again.")
    if done.same_links:
        out.write("Links in letters that were sent go on working.")
    else:
        out.write(
            f"Links in letters that were sent open nothing now ({done.dead_links}): the SECRET_KEY"
            " or the schema's name is another one. New letters carry new links. Residents get"
            " theirs at «lost link», units when the desk renews theirs, staff by a new invitation."
            " To keep the old links, restore under the SECRET_KEY of the old installation."
        )
    if done.lost_host:
        out.write(
            f"Those letters name {done.lost_host}, which does not lead here: links in them work once"
            " it does."
        )
    _warn(command, done.warnings)


def _warn(command: BaseCommand, warnings: list[str]) -> None:
    for sentence in warnings:
        command.stdout.write(command.style.WARNING(f"! {sentence}"))


def megabytes(size: int) -> str:
    """For people."""
    return f"{size / 1_000_000:.1f} MB"
