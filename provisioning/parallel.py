"""The same act for many items over a few database connections."""

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import connection

Item = TypeVar("Item")


def for_each(act: Callable[[Item], None], items: Iterable[Item], threads: int) -> None:
    """Calls `act` for every item; each thread has a connection of its own, closed at its end.

    One thread is this one: its connection may be inside a transaction. `act` keeps its errors to
    itself; one that gets out ends its thread and is raised here after the others are done.
    """
    if threads == 1:
        for item in items:
            act(item)
        return
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not errors:
                act(waiting.get_nowait())
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            errors.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]
