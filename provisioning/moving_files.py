"""All files from a folder into a bucket or back, while the platform runs.

Nothing is written down about how far a run came: each file is compared by size and MD5 with what
the other side has, so a run that was killed is simply started again. The source is never changed,
and nothing is deleted at the target: what lies there without a row is swept by the nightly work.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.core.files.storage.handler import StorageHandler

from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.stored import Item, StorageUnavailable
from provisioning.portability.reading import safe_name
from tenants.models import City

PLACES = ("s3", "folder")
ATTEMPTS, WAIT_SECONDS = 3, 1.0
# So many failures one after the other are the storage's, not the files'.
HOPELESS = 20
PASSES = 5
# Waiting for a thread, for each thread: bounds what is held in memory.
_AHEAD = 4


class Outcome(StrEnum):
    """What became of one file."""

    COPIED = "copied"
    REPLACED = "replaced"
    SAME = "there already"
    MISSING = "missing"
    DIFFERENT = "different"
    GONE = "gone meanwhile"
    FAILED = "failed"


_RIGHT = {Outcome.COPIED, Outcome.REPLACED, Outcome.SAME}
WRONG = {Outcome.MISSING, Outcome.DIFFERENT, Outcome.FAILED}


@dataclass
class Report:
    """Of one schema. `wrong` are the names that are not right at the target, and why."""

    schema: str
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    size: int = 0
    wrong: list[tuple[str, Outcome]] = field(default_factory=list)
    # Names that the target alone has: newer uploads, or files deleted at the source meanwhile.
    extra: int = 0

    @property
    def changed(self) -> int:
        return self.counts[Outcome.COPIED] + self.counts[Outcome.REPLACED]


class Hopeless(RuntimeError):
    """The storage does not work; what was copied stays, the next run goes on from there."""


Tell = Callable[[Report], None]


def storage_of(place: str) -> Any:
    """The folder or the bucket of the settings, whichever of them is in force now."""
    if place == "s3":
        backend, options = "bezpechne.kernel.storage.CityS3Storage", settings.S3_OPTIONS
        # Waiting is our own business here: no call fails because another one did.
        given = {**options, "rest_seconds": 0}
    else:
        backend, given = "bezpechne.kernel.storage.CityFileStorage", {}
    handler: StorageHandler = storages
    return handler.create_storage({"BACKEND": backend, "OPTIONS": given})


def schemas(slugs: list[str]) -> list[str]:
    """Of these cities, or of all and the platform's own. Raises LookupError with an unknown slug."""
    rows = City.objects.order_by("schema_name")
    if not slugs:
        return [PUBLIC, *rows.values_list("schema_name", flat=True)]
    known = dict(rows.filter(slug__in=slugs).values_list("slug", "schema_name"))
    for slug in slugs:
        if slug not in known:
            raise LookupError(slug)
    return [known[slug] for slug in dict.fromkeys(slugs)]


@dataclass
class Mover:
    """`write` False only compares; `deep` reads the target's bytes instead of trusting its sums."""

    source: Any
    target: Any
    write: bool = True
    deep: bool = False
    workers: int = 4
    tell: Tell = lambda report: None
    _failures: int = 0
    # What an earlier pass of this run found or made right.
    _right: set[tuple[str, Item]] = field(default_factory=set)

    def move(self, schema: str) -> Report:
        """One schema, once. Raises Hopeless, and StorageUnavailable when it cannot be listed."""
        report = Report(schema)
        with in_schema(schema):
            there = {item.name: item for item in self.target.items()}
            for item, outcome in self._outcomes(schema, there):
                there.pop(item.name, None)
                if outcome in _RIGHT:
                    self._right.add((schema, item))
                self._note(report, item, outcome)
        report.extra = len(there)
        return report

    def _note(self, report: Report, item: Item, outcome: Outcome) -> None:
        report.counts[outcome] += 1
        report.size += item.size
        if outcome in WRONG:
            report.wrong.append((item.name, outcome))
        self._failures = self._failures + 1 if outcome == Outcome.FAILED else 0
        if self._failures >= HOPELESS:
            raise Hopeless
        self.tell(report)

    def _outcomes(self, schema: str, there: dict[str, Item]) -> Iterator[tuple[Item, Outcome]]:
        waiting: deque[tuple[Item, Future[Outcome]]] = deque()
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                for item in self.source.items():
                    if len(waiting) >= self.workers * _AHEAD:
                        first, done = waiting.popleft()
                        yield first, done.result()
                    task = pool.submit(self._one, schema, item, there.get(item.name))
                    waiting.append((item, task))
                while waiting:
                    first, done = waiting.popleft()
                    yield first, done.result()
            finally:
                for _item, task in waiting:
                    task.cancel()

    def _one(self, schema: str, item: Item, known: Item | None) -> Outcome:
        """Tries again a little later whatever the storage says; in a thread of its own."""
        if known is not None and (schema, item) in self._right:
            return Outcome.SAME
        if not safe_name(item.name):
            return Outcome.FAILED
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with in_schema(schema):
                    return self._compared(item, known)
            except FileNotFoundError:
                return Outcome.GONE
            except StorageUnavailable:
                if attempt < ATTEMPTS:
                    time.sleep(WAIT_SECONDS * attempt)
        return Outcome.FAILED

    def _compared(self, item: Item, known: Item | None) -> Outcome:
        md5 = item.md5 or self.source.md5(item.name)
        if known is not None and known.size == item.size and self._same(known, md5):
            return Outcome.SAME
        if not self.write:
            return Outcome.MISSING if known is None else Outcome.DIFFERENT
        with self.source.open(item.name) as content:
            self.target.place(item.name, content)
        if self.target.md5(item.name, read=self.deep) != self.source.md5(item.name):
            return Outcome.FAILED
        return Outcome.COPIED if known is None else Outcome.REPLACED

    def _same(self, known: Item, md5: str) -> bool:
        """The sum of a listing and that of a server that encrypts may be another: then it is read."""
        if not self.deep and md5 in {known.md5, self.target.md5(known.name)}:
            return True
        return bool(self.target.md5(known.name, read=True) == md5)
