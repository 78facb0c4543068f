"""Batches of journeys under a hand that kills, each followed by the checks."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Self

from tests.bench.drills import checks
from tests.bench.drills.journeys import City, Journey, Sent
from tests.bench.drills.person import GaveUp, Lost
from tests.bench.drills.scene import Killer, Scene

AT_ONCE = 4
_SWEEP = """
from datetime import timedelta
from bezpechne.kernel import sweeping
from tenants.current import entered
sweeping.KEPT = timedelta(0)
with entered("{schema}"):
    sweeping.tidy()
"""


@dataclass
class Result:
    """`faults` is blank when all is well."""

    seed: int
    faults: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    failures: int = 0
    kills: str = ""
    seconds: float = 0
    # Files of requests that were killed before their row, removed by the sweep.
    swept: int = 0
    figures: dict[str, int] = field(default_factory=dict)

    def told(self) -> str:
        """The line for people."""
        finished = sum(one.finished for one in self.sent)
        counted = ", ".join(f"{number} {what}" for what, number in self.figures.items())
        return (
            f"{self.kills}; {finished} of {len(self.sent)} journeys walked to the end,"
            f" {self.failures} pages failed on the way; {counted}; {self.swept} swept;"
            f" {len(self.faults)} faults; seed {self.seed}; {self.seconds:.0f} s"
        )


class _Walkers:
    """People who begin one journey after another until the killer is done."""

    def __init__(self, city: City, name: str, killer: Killer) -> None:
        self._city, self._name, self._killer = city, name, killer
        self.journeys: list[Journey] = []
        self.faults: list[str] = []

    def walk(self) -> None:
        """Returns when everybody has finished their last journey."""
        threads = [
            threading.Thread(target=self._one, args=(at,), daemon=True) for at in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, place: int) -> None:
        turn = 0
        while not self._killer.done.is_set():
            turn += 1
            journey = Journey(self._city, f"{self._name}/{place}/{turn}")
            self.journeys.append(journey)
            try:
                journey.walk()
            except (GaveUp, Lost, AssertionError) as error:
                self.faults.append(f"{journey.seed}: {error}")


class Soak:
    """A city and the people in it; the plan of kills, pauses and journeys follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.scene, self.result, self.schema = Scene(), Result(seed), ""
        self._city: City | None = None
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        try:
            self.scene.start()
            address = self.scene.installation.provision("Полтава")
            self.schema = self.scene.schema_of(address.slug)
            self._city = City(address.url, self.scene.letters, address.admin)
        except BaseException:
            self.scene.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.scene.stop()

    def batch(self, kills: int) -> None:
        """Journeys under so many kills; then everything so far is looked at."""
        assert self._city
        scene, result = self.scene, self.result
        name = f"{result.seed}/{len(scene.kills)}"
        killer = Killer(scene, kills, random.Random(name))  # noqa: S311 - to be repeated
        walkers = _Walkers(self._city, name, killer)
        killer.start()
        try:
            walkers.walk()
        finally:
            killer.halt.set()
            killer.join()
        if killer.error:
            raise killer.error
        result.sent += [journey.sent for journey in walkers.journeys]
        result.failures += sum(journey.failures for journey in walkers.journeys)
        result.faults += [*walkers.faults, *scene.settle(), *self.check()]
        result.kills, result.figures = scene.told(), checks.figures(scene, self.schema)
        result.seconds = time.monotonic() - self._started

    def sweep(self) -> list[str]:
        """The nightly sweep, as if a day had passed: then there is no file without a row."""
        self.scene.installation.manage("shell", "-v0", "-c", _SWEEP.format(schema=self.schema))
        self.result.swept = self.result.figures["files without a row"]
        self.result.figures = checks.figures(self.scene, self.schema)
        left = self.result.figures["files without a row"]
        return [f"the sweep left {left} files without a row"] if left else []

    def check(self) -> list[str]:
        """What is wrong now; the queue is empty."""
        return checks.check(self.scene, self.schema, self.result.sent)

    def logs(self) -> str:
        """The ends of what the processes wrote."""
        return "\n".join(
            f"--- {name}\n{self.scene.installation.log(name)[-4000:]}" for name in ("web", "worker")
        )
