"""Cost reports of a full fleet and of one city, against the obvious way."""

# ruff: noqa: T201, E402 - a script that prints, and sets its environment before Django reads it
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
os.environ.update(
    DATA_DIR=os.environ.get("BENCH_DIR", str(ROOT / ".data" / "bench-reports")),
    VOLATILE="1",
    DJANGO_SETTINGS_MODULE="bezpechne.settings",
    LOG_LEVEL="ERROR",
)
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from billing.models import Act, CityAccount, Payer, PaymentMatch, PlanMonth
from billing.reports.comparison import compare_cities
from billing.reports.lens import Lens
from billing.reports.period import Basis, Period
from billing.reports.report import cost_report
from billing.spreading import months
from billing.states import ActState

RUNS = 7
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 1)
FLEET = Lens(everything=True)
PERIOD = Period(FIRST, LAST)

# 1,470 cities: a donor pays 2025, the council 2026, every tenth city is shared in 2026; every third
# council pays wages with the contribution; a quarter of the cities has hours by activity. Acts are
# signed until September 2026 and paid until August, October waits, then there is the plan alone.
FILL = """
SET session_replication_role = replica;
INSERT INTO billing_payer (id, kind, name, name_en, edrpou, iban, bank, budget_code, address,
  signatory, contact_name, contact_email, contact_phone, language, notice_uk, notice_en,
  is_active, created_at)
SELECT n, CASE WHEN n <= 5 THEN 'donor' ELSE 'local_budget' END, 'Платник ' || n, '', '', '', '',
  '', '', '', '', '', '', 'uk', '', '', true, now()
FROM generate_series(1, 5 + %(cities)s) n;
INSERT INTO billing_city_account (id, city_id, katottg, slug, schema, name_uk, name_en, name_sort,
  oblast, population, budget_code, is_public)
SELECT n, NULL, 'UA' || lpad(n::text, 17, '0'), 'c' || n, 'city_c' || n, 'Місто ' || n, 'City ' || n,
  lpad(n::text, 6, '0'), 'Область ' || n %% 24, CASE WHEN n %% 50 > 0 THEN 1000 + n * 37 END, '', false
FROM generate_series(1, %(cities)s) n;
INSERT INTO billing_contribution_rate (starts_on, percent, source, created_at)
  VALUES ('2020-01-01', 22, '2464-VI', now());
INSERT INTO billing_agreement (id, payer_id, account_id, number, signed_on, starts_on, ends_on,
  source, basis, engagement, monthly_amount, kpkvk, kekv, without_vat, note, created_at)
SELECT n, 1 + n %% 5, n, 'G-' || n, date '2024-12-20', date '2025-01-01',
  CASE WHEN n %% 10 = 0 THEN '2026-12-31' ELSE '2025-12-31' END::date,
  'grant', 'monthly', 'service', 10000 + n, '', '2240', true, '', now()
FROM generate_series(1, %(cities)s) n
UNION ALL
SELECT 1000000 + n, 5 + n, n, 'Д-' || n, '2025-12-20', '2026-01-01', '2026-12-31', 'general_fund',
  'monthly', CASE WHEN n %% 3 = 0 THEN 'civil_law' ELSE 'service' END, 11000 + n, '0218230',
  CASE WHEN n %% 3 = 0 THEN '2111' ELSE '2240' END, true, '', now()
FROM generate_series(1, %(cities)s) n;
INSERT INTO billing_plan_month (agreement_id, account_id, month, days, amount)
SELECT g.id, g.account_id, m::date, 30,
  g.monthly_amount + CASE WHEN g.engagement = 'civil_law'
    THEN round(g.monthly_amount * 22 / 100, 2) ELSE 0 END
FROM billing_agreement g,
  generate_series(g.starts_on::timestamp, g.ends_on::timestamp, '1 month') m;
INSERT INTO billing_cost_entry (account_id, month, first_day, last_day, kind, activity, minutes,
  per_hour, amount, description, agreement_id, reason, created_at)
SELECT p.account_id, p.month, p.month, p.month + 27, 'fee', '', NULL::int, NULL::numeric,
  g.monthly_amount, '', g.id, '', now()
FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
WHERE p.month <= '2026-10-01'
UNION ALL
SELECT p.account_id, p.month, p.month, p.month + 27, 'contribution', '', NULL, NULL,
  p.amount - g.monthly_amount, '', g.id, '', now()
FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
WHERE p.month <= '2026-10-01' AND p.amount > g.monthly_amount
UNION ALL
SELECT p.account_id, p.month, p.month, p.month, 'support', '', NULL, NULL, 0, '', g.id, '', now()
FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
WHERE p.month <= '2026-10-01'
UNION ALL
SELECT p.account_id, p.month, p.month, p.month + 27, 'hours', a, 300, 150, 750, '', g.id, '', now()
FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id,
  unnest(ARRAY['moderation', 'routing', 'answers']) a
WHERE p.month <= '2026-10-01' AND g.account_id %% 4 = 0;
INSERT INTO billing_allocation (entry_id, agreement_id, kekv, amount, month)
SELECT e.id, e.agreement_id, CASE WHEN e.kind = 'contribution' THEN '2120' ELSE g.kekv END,
  e.amount, e.month
FROM billing_cost_entry e JOIN billing_agreement g ON g.id = e.agreement_id;
INSERT INTO billing_act (id, payer_id, agreement_id, account_id, month, sequence, year, number,
  issued_on, amount, state, signed_on, signed_copy_id, cancelled_reason, created_at)
SELECT row_number() OVER (ORDER BY l.month, g.id), g.payer_id, g.id, g.account_id, l.month, 1,
  extract(year FROM l.month), row_number() OVER (PARTITION BY g.payer_id,
  extract(year FROM l.month) ORDER BY l.month, g.id), l.month + 32, sum(l.amount),
  CASE WHEN l.month < '2026-10-01' THEN 'signed' ELSE 'issued' END,
  CASE WHEN l.month < '2026-10-01' THEN l.month + 35 END,
  CASE WHEN l.month < '2026-10-01' THEN row_number() OVER (ORDER BY l.month, g.id) END, '', now()
FROM billing_allocation l JOIN billing_agreement g ON g.id = l.agreement_id GROUP BY g.id, l.month;
INSERT INTO billing_paper (id, kind, number, file, file_name, content_type, sha256, size, created_at)
SELECT id, 'signed_act', '', id::text, 'act.pdf', 'application/pdf', id::text, 1, now()
FROM billing_act WHERE state = 'signed';
INSERT INTO billing_act_line (act_id, allocation_id)
SELECT t.id, l.id FROM billing_allocation l
JOIN billing_act t ON t.agreement_id = l.agreement_id AND t.month = l.month;
INSERT INTO billing_invoice (id, payer_id, agreement_id, account_id, act_id, month, year, number,
  issued_on, due_on, amount, matched, state, void_reason, created_at)
SELECT id, payer_id, agreement_id, account_id, id, month, year, number, issued_on, issued_on + 30,
  amount, CASE WHEN month < '2026-09-01' THEN amount WHEN account_id %% 7 = 0 THEN 5000.00 ELSE 0 END,
  'issued', '', now()
FROM billing_act;
INSERT INTO billing_number_series (payer_id, kind, year, last)
SELECT payer_id, 'act', year, max(number) FROM billing_act GROUP BY payer_id, year
UNION ALL
SELECT payer_id, 'invoice', year, max(number) FROM billing_invoice GROUP BY payer_id, year;
INSERT INTO billing_payment (id, payer_id, kind, source, received_on, amount, reference, note,
  matched, returned, created_at)
SELECT id, payer_id, 'payment', 'statement', month + 50, matched, id::text, '', matched, 0, now()
FROM billing_invoice WHERE matched > 0;
INSERT INTO billing_payment_match (payment_id, invoice_id, amount, created_at)
SELECT id, id, matched, now() FROM billing_invoice WHERE matched > 0;
INSERT INTO kernel_counter (schema, name, day, value)
SELECT a.schema, 'month.' || c, m::date, 5 + (a.id * 7 + extract(month FROM m)::int) %% 40
FROM billing_city_account a, generate_series('2025-01-01'::timestamp, '2026-10-01', '1 month') m,
  unnest(ARRAY['hours.moderation', 'hours.routing', 'hours.answers', 'hours.working_groups',
  'hours.other', 'questions.received', 'questions.published', 'questions.answered',
  'questions.rejected']) c
UNION ALL
SELECT a.schema, 'mails', m::date, 3 FROM billing_city_account a,
  generate_series('2025-01-01'::timestamp, '2026-10-31', '1 day') m;
SET session_replication_role = origin;
"""


def fill(cities: int) -> None:
    """Plain inserts; nothing when the fleet is there already."""
    if CityAccount.objects.count() >= cities:
        return
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"cities": cities})
        cursor.execute("VACUUM ANALYZE")


def median(call: Callable[[], Any]) -> float:
    """Milliseconds, after one call that warms up."""
    call()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def told(what: str, call: Callable[[], Any]) -> float:
    with CaptureQueriesContext(connection) as queries:
        call()
    took = median(call)
    print(f"{what:<52} {took:9.1f} ms  {len(queries):6} queries", flush=True)
    return took


def obvious() -> dict[tuple[int, date], tuple[Any, Any, Any]]:
    """Plan, accrual and payment of each city and month by the ORM, one after another."""
    found = {}
    for account in CityAccount.objects.all():
        for month in months(FIRST, LAST):
            plan = PlanMonth.objects.filter(account=account, month=month)
            acts = Act.objects.filter(account=account, month=month, state=ActState.SIGNED)
            paid = PaymentMatch.objects.filter(invoice__account=account, invoice__month=month)
            found[account.pk, month] = tuple(
                rows.aggregate(all=Sum("amount"))["all"] for rows in (plan, acts, paid)
            )
    return found


def main() -> None:
    cities = int(sys.argv[1]) if len(sys.argv) > 1 else 1470
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    fill(cities)
    acts, payers = Act.objects.count(), Payer.objects.count()
    print(f"{CityAccount.objects.count()} cities, {payers} payers, {acts} acts")
    fleet = told("fleet, 24 months", lambda: cost_report(FLEET, PERIOD))
    by_dates = Period(FIRST, LAST, Basis.DOCUMENT)
    told("  by dates of documents", lambda: cost_report(FLEET, by_dates))
    one = Lens(everything=True, account_id=cities // 2)
    told("one city, 24 months", lambda: cost_report(one, PERIOD))
    told("one donor, 24 months", lambda: cost_report(Lens(everything=True, payer_id=1), PERIOD))
    told("comparison of all cities", lambda: compare_cities(FLEET, PERIOD))
    started = time.perf_counter()
    obvious()
    slow = (time.perf_counter() - started) * 1000
    print(
        f"obvious: sums of each city and month by the ORM {slow:9.0f} ms, ratio {slow / fleet:.0f}"
    )


if __name__ == "__main__":
    main()
