"""Numbers of documents: for each payer, kind and year 1, 2, 3 … without holes."""

from billing.models import NumberSeries, Payer

ACT, INVOICE = "act", "invoice"


def next_number(payer: Payer, kind: str, year: int) -> int:
    """Call it inside the transaction that makes the document: a rollback gives the number back.

    The series stays locked until then, so two documents never have one number and none is lost.
    """
    NumberSeries.objects.get_or_create(payer=payer, kind=kind, year=year)
    series = NumberSeries.objects.select_for_update().get(payer=payer, kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last
