"""The spreadsheet as an office programme reads it: its numbers are the ledger's sums."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation

from bezpechne.kernel import clock
from billing.reports.files import xlsx
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.report import cost_report
from tenants.models import City
from tests.integration.billing.books import APRIL, JUNE, MAY, NOW, Books

# Every sheet to a file of its own; cells as numbers, not as they are shown.
EXPORT = 'csv:"Text - txt - csv (StarCalc)":44,34,76,1,,0,false,false,false,false,false,-1'


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW), translation.override("en"):
        yield


def opened(content: bytes, folder: Path) -> dict[str, list[list[str]]]:
    """Sheets by name; skipped without LibreOffice, but never where CI is set."""
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is needed: apt-get install libreoffice-calc-nogui")
        pytest.skip("LibreOffice is not here: apt-get install libreoffice-calc-nogui")
    book = folder / "book.xlsx"
    book.write_bytes(content)
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            EXPORT.replace('"', ""),
            "--outdir",
            str(folder),
            str(book),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {
        path.stem.removeprefix("book-"): list(csv.reader(path.read_text("utf-8").splitlines()))
        for path in folder.glob("book-*.csv")
    }


def test_an_office_programme_reads_the_ledgers_sums(alpha: City, tmp_path: Path) -> None:
    books = Books(alpha)
    for month in (APRIL, MAY, JUNE):
        books.settle(month)
    report = cost_report(Lens(everything=True), Period(APRIL, JUNE))
    sheets = opened(xlsx(report).content, tmp_path)
    months = sheets["By month"]
    rows = months[1:4]
    added = [sum(Decimal(row[column]) for row in rows) for column in (1, 2, 3)]
    total = next(row for row in months if row[0] == "Total")
    assert added == [Decimal(cell) for cell in total[1:4]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(amount) FROM billing_plan_month WHERE month BETWEEN %s AND %s),"
            " (SELECT sum(amount) FROM billing_act WHERE month BETWEEN %s AND %s),"
            " (SELECT sum(amount) FROM billing_payment_match)",
            [APRIL, JUNE, APRIL, JUNE],
        )
        assert added == list(cursor.fetchone())
