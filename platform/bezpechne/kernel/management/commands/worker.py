"""`manage.py worker`: runs jobs until stopped."""

import asyncio
import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

POOL_SECONDS = 5

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs the queue's jobs (e-mails and the like) until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at once (2)")
        parser.add_argument("--once", action="store_true", help="stop when the queue is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                asyncio.run(self._run(options["concurrency"], wait=not options["once"]))
            except (ConnectorException, OperationalError):
                # A restarted database ends the worker's connection, not the worker.
                logger.warning("The queue lost its database; trying again in 2 seconds.")
                time.sleep(2)
                continue
            return

    async def _run(self, concurrency: int, *, wait: bool) -> None:
        # Soon given up: the embedded server comes back on another port, which only a new pool knows.
        connector = PsycopgConnector(kwargs=connector_params(), timeout=POOL_SECONDS)
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                await worker_app.run_worker_async(
                    concurrency=concurrency,
                    wait=wait,
                    # Notifications get lost now and then; half a second bounds the delay.
                    fetch_job_polling_interval=0.5,
                    install_signal_handlers=True,
                    # What was done is in the rows of mails and histories; only failures stay.
                    delete_jobs="successful",
                )
