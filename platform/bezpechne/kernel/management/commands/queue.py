"""`manage.py queue`: the dead list and its retry."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bezpechne.kernel import queue


class Command(BaseCommand):
    help = "Lists jobs that failed for good, or puts them back into the queue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["dead", "retry"])
        parser.add_argument("job", nargs="?", type=int, help="one job's number; all without it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "retry":
            self.stdout.write(f"{queue.retry_dead(options['job'])} put back into the queue.")
            return
        jobs = queue.dead_jobs()
        for job in jobs:
            schema = job.task_kwargs.get("schema", "")
            self.stdout.write(f"{job.id}\t{job.task_name}\t{schema}\t{job.attempts} attempts")
        if not jobs:
            self.stdout.write("No dead jobs.")
