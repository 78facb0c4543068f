"""A mail server as a process of its own, which can be killed and loses nothing that it took.

`python -m tests.bench.drills.post_office PORT FOLDER`: each letter is a whole file in the folder
before the server says that it has it.
"""

import os
import re
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.e2e.mail import Mail, parsed

_NUMBER = re.compile(r"№\s*(\d+)")


class _Keeper:
    """Stores before it answers."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._taken = folder, 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self._taken += 1
        name = f"{time.time_ns()}-{os.getpid()}-{self._taken}"
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(f"{envelope.rcpt_tos[0]}\n".encode() + envelope.content)
        unfinished.rename(self._folder / f"{name}.eml")
        return "250 OK"


@dataclass(frozen=True)
class Arrival:
    """One letter as it came; `at` in seconds since the epoch."""

    at: float
    mail: Mail

    @property
    def number(self) -> int:
        """«№ 12» of its subject; 0 when there is none."""
        found = _NUMBER.search(self.mail.subject)
        return int(found[1]) if found else 0


class Letters:
    """What lies in the folder; every thread may look."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, Lock()
        self._known: dict[str, Arrival] = {}

    def all(self) -> list[Arrival]:
        """In the order of arrival."""
        with self._lock:
            for path in sorted(self._folder.glob("*.eml")):
                if path.name not in self._known:
                    to, _, content = path.read_bytes().partition(b"\n")
                    at = int(path.name.partition("-")[0]) / 1e9
                    self._known[path.name] = Arrival(at, parsed(content, to.decode()))
            return list(self._known.values())

    def find(self, to: str, link_part: str, number: int = 0, words: str = "") -> Mail | None:
        """The newest letter to `to` with such a link, about the question of that number."""
        for arrival in reversed(self.all()):
            mail = arrival.mail
            fits = mail.to == to and mail.has_link(link_part) and words in mail.text
            if fits and number in {0, arrival.number}:
                return mail
        return None

    def by_id(self) -> dict[str, list[float]]:
        """Message-ID → moments at which it came."""
        found: dict[str, list[float]] = defaultdict(list)
        for arrival in self.all():
            found[arrival.mail.message_id].append(arrival.at)
        return found


def main() -> None:
    controller = Controller(
        _Keeper(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]), ready_timeout=30
    )
    controller.start()
    signal.pause()


if __name__ == "__main__":
    main()
