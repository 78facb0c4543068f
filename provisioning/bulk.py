"""Many cities in one go: all of Ukraine, an oblast, or the lines of a CSV file.

Each city is provisioned in a transaction of its own over a few connections. A run that was killed
is simply started again: what exists is counted and passed over.
"""

import csv
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import translation

from bezpechne.kernel.actors import Actor
from provisioning.gazetteer.matching import Match, find
from provisioning.gazetteer.places import Place, read_places
from provisioning.models import Hromada
from provisioning.parallel import for_each
from provisioning.provisioning import OPERATOR, ProvisioningRefused, Request, provision
from tenants.models import City

COLUMNS = ("name", "oblast", "slug", "admin_email", "launch_on", "trial_ends_on")
# A database that restarts is back within these waits; the city is tried again.
RETRY_SECONDS = (1.0, 3.0, 9.0, 27.0)


class UnreadableFile(ValueError):
    """The file is no list of cities; the text says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Line:
    """One wanted city; `where` is what a report calls it («line 7: Лубни»)."""

    where: str
    code: str
    slug: str = ""
    admin_email: str = ""
    launch_on: date | None = None
    trial_ends_on: date | None = None


@dataclass
class Report:
    """Counts, and why a line failed, by its `where`."""

    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)


Tell = Callable[[Line, str], None]


def lines_of_ukraine(oblast: str = "", admin_email: str = "") -> list[Line]:
    """Every hromada and Kyiv, or those of one oblast. Raises UnreadableFile for an unknown one."""
    wanted = oblast.strip().casefold().removesuffix("область").strip()
    rows = [
        place
        for place in read_places()
        if not wanted or place.oblast_uk.casefold().removesuffix("область").strip() == wanted
    ]
    if not rows:
        known = ", ".join(sorted({place.oblast_uk for place in read_places()}))
        raise UnreadableFile(f"No oblast is called “{oblast}”. Known: {known}.")
    return [Line(f"{row.code} {row.centre_uk}", row.code, admin_email=admin_email) for row in rows]


def read_file(path: Path) -> tuple[list[Line], dict[str, str]]:
    """Lines of a CSV file, and the faults of those that cannot be used, by their `where`.

    The first line names the columns: `name` (or a KATOTTG code) is needed, the others may be
    absent. UTF-8, comma or semicolon. Raises UnreadableFile.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8. Save it as «CSV UTF-8».") from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in head else ",")
    names = [name.strip() for name in reader.fieldnames or []]
    if "name" not in names or set(names) - set(COLUMNS):
        raise UnreadableFile(
            f"{path}: the first line must name the columns: name, and any of"
            f" {', '.join(COLUMNS[1:])}."
        )
    reader.fieldnames = names
    places = read_places()
    lines: list[Line] = []
    faults: dict[str, str] = {}
    for number, row in enumerate(reader, start=2):
        values = {key: (value or "").strip() for key, value in row.items() if key}
        where = f"line {number}: {values['name']}"
        if not any(values.values()):
            continue
        try:
            lines.append(_line(where, values, find(values["name"], places, values.get("oblast"))))
        except ValueError as fault:
            faults[where] = str(fault)
    return lines, faults


def _line(where: str, values: dict[str, str], match: Match) -> Line:
    """Raises ValueError with what to mend."""
    if len(match.exact) != 1:
        shown: Iterable[Place] = match.exact or match.nearest
        listed = "; ".join(f"{place.code} {place.oblast_uk}, {place.raion_uk}" for place in shown)
        many = "several hromadas have this name" if match.exact else "no such hromada; nearest"
        raise ValueError(f"{many}: {listed or 'none'}")
    email = values.get("admin_email", "")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise ValueError("admin_email is not an e-mail address") from None
    return Line(
        where,
        match.exact[0].code,
        slug=values.get("slug", ""),
        admin_email=email,
        launch_on=_date(values, "launch_on"),
        trial_ends_on=_date(values, "trial_ends_on"),
    )


def _date(values: dict[str, str], name: str) -> date | None:
    text = values.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is not a date like 2026-12-31: {text}") from None


def provision_all(
    lines: list[Line],
    tell: Tell = lambda line, error: None,
    *,
    threads: int = 2,
    by: Actor = OPERATOR,
) -> Report:
    """Makes what is missing; `tell` hears each line with its error or a blank."""
    report, guard = Report(), threading.Lock()
    present = set(City.objects.values_list("katottg", flat=True))
    hromadas = Hromada.objects.in_bulk([line.code for line in lines])

    def one(line: Line) -> None:
        error, created = "", False
        try:
            # The report is in English, as all that the commands say; threads choose for themselves.
            with translation.override("en"):
                created = line.code not in present and _make(line, hromadas[line.code], by)
        except (ProvisioningRefused, ValidationError) as refusal:
            error = " ".join(getattr(refusal, "messages", [str(refusal)]))
        except (DatabaseError, InterfaceError) as problem:
            error = str(problem).partition("\n")[0]
        with guard:
            if error:
                report.failed[line.where] = error
            elif created:
                report.made += 1
            else:
                report.kept += 1
            tell(line, error)

    for_each(one, lines, threads)
    return report


def _make(line: Line, hromada: Hromada, by: Actor) -> bool:
    """Whether a city was made; waits for a database that restarts."""
    request = Request(
        hromada=hromada,
        admin_email=line.admin_email,
        slug=line.slug,
        launch_on=line.launch_on,
        trial_ends_on=line.trial_ends_on,
    )
    for seconds in (*RETRY_SECONDS, None):
        try:
            return provision(request, by=by).created
        except (OperationalError, InterfaceError):
            if seconds is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(seconds)
    raise AssertionError
