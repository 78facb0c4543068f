"""`python -m tests.e2e.contact_sheets FOLDER [--who visitor …] [--only desk …]`.

Every page for every person, in both languages, on a phone and on a desk, in the light and in the
dark: sheets of pictures, and `problems.txt` with what a program noticed. Takes minutes.
"""

# ruff: noqa: T201 - a script that prints
import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import launch
from tests.e2e.contact_sheets.tour import Tour
from tests.e2e.installation import ROOT, Installation
from tests.e2e.mail import Mailbox


def _plan(installation: Installation, slug: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.contact_sheets.stage", slug],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not done.returncode, done.stderr
    plan: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return plan


def _look(browser: Browser, plan: dict[str, Any], given: argparse.Namespace) -> list[str]:
    stops = [
        stop
        for stop in plan["stops"]
        if (not given.who or stop["who"] in given.who)
        and (not given.only or any(stop["name"].startswith(start) for start in given.only))
    ]
    problems = []
    with tempfile.TemporaryDirectory() as pictures:
        for who, language in itertools.product(
            dict.fromkeys(stop["who"] for stop in stops), given.language
        ):
            mine = [stop for stop in stops if stop["who"] == who]
            tour = Tour(browser, Path(pictures), who, language, plan["cookies"].get(who))
            for stop in mine:
                tour.visit(stop["name"], stop["urls"][language])
                print(f"{who} {language} {stop['name']}", flush=True)
            tour.leave()
            tour.write(given.folder)
            problems += tour.problems
            _write(given.folder / "problems.txt", problems)
    return problems


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.contact_sheets")
    parser.add_argument("folder", type=Path)
    people = ["visitor", "moderator", "administrator", "operator", "finance", "viewer"]
    parser.add_argument("--who", nargs="*", choices=people, default=[])
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of names of routes")
    parser.add_argument("--language", nargs="*", choices=["uk", "en"], default=["uk", "en"])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    mailbox = Mailbox()
    mailbox.start()
    installation = Installation(mailbox.port, "bezpechne_sheets")
    try:
        installation.start()
        plan = _plan(installation, installation.provision("Полтава").slug)
        _write(given.folder / "not-pages.txt", plan["others"])
        with sync_playwright() as playwright:
            browser = launch(playwright)
            problems = _look(browser, plan, given)
            browser.close()
    finally:
        installation.stop()
        mailbox.stop()
    print(f"{len(problems)} problems; sheets in {given.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
