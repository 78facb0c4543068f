"""The kernel's own jobs."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue, throttle


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
