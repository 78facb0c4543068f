"""What must hold in the ledger whatever happened: each check says what it found wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from billing.funding.queries import gaps


@dataclass(frozen=True)
class Wrong:
    """`check` names the rule, `text` the rows by their keys."""

    check: str
    text: str


# Rule → rows that break it, each as one text; nothing here may name a person.
RULES: dict[str, str] = {
    "shares": """
SELECT 'period ' || p.id || ': shares add up to ' || coalesce(sum(s.percent), 0)
FROM billing_period p LEFT JOIN billing_period_share s ON s.period_id = p.id
GROUP BY p.id
HAVING coalesce(sum(s.percent), 0) <> CASE WHEN p.is_pause THEN 0 ELSE 100 END ORDER BY p.id
""",
    "parts of costs": """
SELECT 'cost ' || e.id || ': ' || e.amount || ', its parts ' || coalesce(sum(l.amount), 0)
FROM billing_cost_entry e LEFT JOIN billing_allocation l ON l.entry_id = e.id
GROUP BY e.id HAVING e.amount <> coalesce(sum(l.amount), 0) ORDER BY e.id
""",
    "acts and their lines": """
SELECT 'act ' || t.id || ': ' || t.amount || ', its lines ' || coalesce(sum(l.amount), 0)
FROM billing_act t LEFT JOIN billing_act_line n ON n.act_id = t.id
LEFT JOIN billing_allocation l ON l.id = n.allocation_id
GROUP BY t.id
HAVING coalesce(sum(l.amount), 0) <> CASE WHEN t.state = 'cancelled' THEN 0 ELSE t.amount END
ORDER BY t.id
""",
    "lines of another act": """
SELECT 'act ' || t.id || ': a line of agreement ' || l.agreement_id || ', ' || l.month
FROM billing_act_line n JOIN billing_act t ON t.id = n.act_id
JOIN billing_allocation l ON l.id = n.allocation_id
WHERE l.agreement_id <> t.agreement_id OR l.month <> t.month ORDER BY t.id
""",
    "acts and their agreements": """
SELECT 'act ' || t.id || ': payer or city differs from agreement ' || g.id
FROM billing_act t JOIN billing_agreement g ON g.id = t.agreement_id
WHERE g.payer_id <> t.payer_id OR g.account_id <> t.account_id ORDER BY t.id
""",
    "invoices and their acts": """
SELECT 'invoice ' || i.id || ': ' || i.amount || ', its act ' || t.amount
FROM billing_invoice i JOIN billing_act t ON t.id = i.act_id
WHERE i.state = 'issued' AND (i.amount <> t.amount OR i.month <> t.month
  OR i.payer_id <> t.payer_id OR t.state = 'cancelled') ORDER BY i.id
""",
    "paid sums of invoices": """
SELECT 'invoice ' || i.id || ': ' || i.matched || ', its matches ' || coalesce(sum(m.amount), 0)
FROM billing_invoice i LEFT JOIN billing_payment_match m ON m.invoice_id = i.id
GROUP BY i.id HAVING i.matched <> coalesce(sum(m.amount), 0) ORDER BY i.id
""",
    "used sums of payments": """
SELECT 'payment ' || y.id || ': ' || y.matched || ', its matches ' || coalesce(sum(m.amount), 0)
FROM billing_payment y LEFT JOIN billing_payment_match m ON m.payment_id = y.id
GROUP BY y.id HAVING y.matched <> coalesce(sum(m.amount), 0) ORDER BY y.id
""",
    "sums sent back": """
SELECT 'payment ' || y.id || ': ' || y.returned || ', sent back ' || coalesce(-sum(b.amount), 0)
FROM billing_payment y LEFT JOIN billing_payment b ON b.returns_id = y.id
GROUP BY y.id HAVING y.returned <> coalesce(-sum(b.amount), 0) ORDER BY y.id
""",
    "payments and the bank’s lines": """
SELECT 'payment ' || y.id || ': ' || y.amount || ', line ' || x.id || ': ' || x.amount
FROM billing_payment y JOIN billing_statement_line x ON x.id = y.line_id
WHERE x.amount <> y.amount OR x.set_aside_at IS NOT NULL ORDER BY y.id
""",
    "payers of matches": """
SELECT 'match ' || m.id || ': money of payer ' || coalesce(y.payer_id::text, 'nobody')
  || ', invoice of payer ' || i.payer_id
FROM billing_payment_match m JOIN billing_payment y ON y.id = m.payment_id
JOIN billing_invoice i ON i.id = m.invoice_id
WHERE y.payer_id IS DISTINCT FROM i.payer_id ORDER BY m.id
""",
}
_NUMBERS = """
SELECT '{kind} numbers of payer ' || coalesce(d.payer_id, s.payer_id) || ' in '
  || coalesce(d.year, s.year) || ': ' || coalesce(d.number, 0) || ' of them, the highest '
  || coalesce(d.highest, 0) || ', given ' || coalesce(s.last, 0)
FROM (SELECT payer_id, year, count(*) AS number, max(number) AS highest
  FROM {table} GROUP BY payer_id, year) d
FULL JOIN (SELECT payer_id, year, last FROM billing_number_series WHERE kind = '{kind}') s
  ON s.payer_id = d.payer_id AND s.year = d.year
WHERE coalesce(d.number, 0) <> coalesce(d.highest, 0)
  OR coalesce(d.highest, 0) <> coalesce(s.last, 0) ORDER BY 1
"""
RULES["numbers of acts"] = _NUMBERS.format(kind="act", table="billing_act")
RULES["numbers of invoices"] = _NUMBERS.format(kind="invoice", table="billing_invoice")


def _uncovered() -> Iterator[str]:
    for gap in gaps():
        yield f"account {gap.account_id}: nobody pays from {gap.first} to {gap.last}"


def _broken(sql: str) -> Callable[[], Iterator[str]]:
    def found() -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            yield from (str(text) for (text,) in cursor.fetchall())

    return found


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "days without payer": _uncovered,
    **{name: _broken(sql) for name, sql in RULES.items()},
}


def wrongs() -> Iterator[Wrong]:
    """Everything that is wrong, check by check; one statement each."""
    for name, check in CHECKS.items():
        yield from (Wrong(name, text) for text in check())
