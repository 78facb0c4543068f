"""`manage.py demo`: three cities on this machine, from nothing to a served site."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from provisioning.demo.installation import PASSWORD, TOTP_SECRET, set_up
from provisioning.management.failures import BadInputError
from tenants.models import City


class Command(BaseCommand):
    help = "Sets up and serves Kyiv, Ternopil and Poltava with content; keeps its data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="forget everything first")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="set up and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise BadInputError("The demo shows every letter. It does not run in production.")
        if not options["no_serve"]:
            _check_port(options["port"])
        if options["fresh"]:
            self._forget()
        call_command("collectstatic", interactive=False, verbosity=0)
        cities = set_up(lambda text: self.stdout.write(f"· {text}"), self._progress)
        base = f"http://localhost:{options['port']}"
        self._print(cities, options["port"], base)
        if not options["no_serve"]:
            _serve(options["port"], base)

    def _forget(self) -> None:
        """Only the embedded database and local files: a server of one's own is never emptied."""
        if "EMBEDDED_DIR" not in settings.DATABASES["default"]:
            raise BadInputError("--fresh empties the embedded database alone. Unset DATABASE_URL.")
        name = settings.DATABASES["default"]["NAME"]
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
        for folder in (settings.MEDIA_ROOT, settings.MAIL_DIR):
            shutil.rmtree(folder, ignore_errors=True)

    def _progress(self, done: int, total: int) -> None:
        if not self.stdout.isatty():
            if done == total:
                self.stdout.write(f"  {total} questions")
            return
        filled = round(30 * done / total)
        end = "\n" if done == total else "\r"
        self.stdout.write(f"  [{'█' * filled}{'·' * (30 - filled)}] {done}/{total}", ending=end)
        self.stdout.flush()

    def _print(self, cities: list[City], port: int, base: str) -> None:
        lines = ["", "Cities:"]
        for city in cities:
            opens = f"  (opens on {city.launch_on:%d.%m.%Y})" if city.days_to_launch else ""
            lines.append(f"  {city.name_uk:<10} http://{city.slug}.localhost:{port}/{opens}")
        lines += [
            "Sign in at …/account/sign-in/ of the city; every password is " + PASSWORD,
            "  administrator  admin@kyiv.example       moderator  moderator@kyiv.example",
            "  (the same with ternopil and poltava)",
            f"  operator       operator@bezpechne.example   at {base}/account/sign-in/",
            "  finance        finance@bezpechne.example    the same",
            f"  the code that these two are asked for: {base}/mailbox/codes/",
            f"    or put this key into an authenticator app: {TOTP_SECRET}",
            "Units and residents need no account: their links are in the mailbox.",
            f"  every e-mail   {base}/mailbox/",
            "",
        ]
        self.stdout.write("\n".join(lines))


def _check_port(port: int) -> None:
    """The web server shares a port without a word: two demos would answer in turns."""
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise BadInputError(
                f"Port {port} is in use. Stop what uses it, or give another --port."
            )


def _commands(port: int) -> list[list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    web += ["--port", str(port), "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    return [[*web, "bezpechne.wsgi:application"], [sys.executable, "-m", "django", "worker"]]


def _serve(port: int, base: str) -> None:
    """Web and worker until Ctrl-C; one that dies is started again."""
    roots = [str(settings.PACKAGE_DIR.parent), str(settings.ROOT_DIR)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*roots, os.environ.get("PYTHONPATH", "")]),
        "DJANGO_SETTINGS_MODULE": "bezpechne.settings",
        "BASE_URL": base,
        "DEMO": "1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches this process alone, which stops them in order.
        return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603

    running = [(command, start(command)) for command in _commands(port)]
    print("Serving. Ctrl-C stops.", flush=True)  # noqa: T201 - after the command's own output
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while True:
            time.sleep(0.5)
            for index, (command, process) in enumerate(running):
                if process.poll() is not None:
                    time.sleep(1)
                    running[index] = (command, start(command))
    except KeyboardInterrupt:
        pass
    finally:
        for _command, process in running:
            process.terminate()
        for _command, process in running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
