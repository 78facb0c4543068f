"""Daily work of the reports."""

from procrastinate.contrib.django import app

from billing.reports import letters as letters
from billing.reports import saved


@app.periodic(cron="11 5 * * *")
@app.task(name="billing.send_reports", queueing_lock="billing.send_reports")
def send_reports(timestamp: int) -> None:
    """Each morning: letters about kept reports whose day has come."""
    saved.send_due()
