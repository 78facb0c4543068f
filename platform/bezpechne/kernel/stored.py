"""What a storage of files keeps, what is wrong with it, and not asking it while it is down."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# How long others do not even try after the storage failed one of us.
REST_SECONDS = 5.0


@dataclass(frozen=True)
class Item:
    """One stored file. `md5` in hexadecimal, blank where it is not known without reading."""

    name: str
    size: int
    md5: str
    modified: datetime


class Reason(StrEnum):
    """Why a file could not be stored or read; for logs, `doctor` and `/readyz`."""

    SLOW = "it does not answer in time"
    GONE = "it cannot be reached"
    BUSY = "it is overloaded or broken"
    FULL = "it is full"
    REFUSED = "it refuses our key"
    NO_BUCKET = "the bucket does not exist"
    DISK = "the disk refuses"


# What another call a moment later would meet too, after as long a wait.
_LASTING = {Reason.SLOW, Reason.GONE, Reason.BUSY}


class StorageUnavailable(OSError):
    """The storage failed, not the file: nothing is known about whether that exists."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The storage of files failed: {reason}.")
        self.reason = reason


class Breaker:
    """After a failure nobody else waits for the same storage for REST_SECONDS.

    Then one caller tries and the others go on failing at once until it succeeds: a bucket that
    hangs costs one thread at a time, not all of them.
    """

    def __init__(self, rest: float = REST_SECONDS) -> None:
        self._lock = threading.Lock()
        self._rest = rest
        self._failed: Reason | None = None
        self._until = 0.0

    def ask(self) -> None:
        """Before a call. Raises StorageUnavailable while the storage rests."""
        with self._lock:
            if self._failed is None:
                return
            if time.monotonic() < self._until:
                raise StorageUnavailable(self._failed)
            self._until = time.monotonic() + self._rest

    def note(self, reason: Reason | None) -> None:
        """After a call: why it failed, None when it did not."""
        with self._lock:
            if reason is not None and reason not in _LASTING:
                return
            self._failed = reason
            self._until = time.monotonic() + self._rest
