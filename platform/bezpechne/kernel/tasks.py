"""The kernel's own jobs."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue, sweeping, throttle
from bezpechne.kernel.schema import PUBLIC, in_schema


@app.periodic(cron="* * * * *")
@app.task(name="kernel.recover_stalled", queueing_lock="kernel.recover_stalled")
def recover_stalled(timestamp: int) -> None:
    """Each minute: jobs of a worker that died go back into the queue."""
    queue.recover_stalled()


@app.periodic(cron="41 * * * *")
@app.task(name="kernel.sweep_throttle", queueing_lock="kernel.sweep_throttle")
def sweep_throttle(timestamp: int) -> None:
    """Each hour: counters whose window is over."""
    throttle.sweep()


@app.periodic(cron="37 2 * * *")
@app.task(name="kernel.sweep_files", queueing_lock="kernel.sweep_files", retry=queue.RETRY)
def sweep_files(timestamp: int) -> None:
    """Each night: the platform's own files that no row names; those of cities when they are weighed."""
    with in_schema(PUBLIC):
        sweeping.tidy()
