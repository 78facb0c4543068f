"""What a CHECK cannot say: sums over rows, and rows that stay as they were posted."""

from django.db import migrations

SHARES = """
CREATE FUNCTION billing_check_shares() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  wrong record;
BEGIN
  IF TG_TABLE_NAME = 'billing_period' THEN
    touched := NEW.id;
  ELSE
    touched := coalesce(NEW.period_id, OLD.period_id);
  END IF;
  SELECT p.is_pause, coalesce(sum(s.percent), 0) AS whole INTO wrong
    FROM billing_period p LEFT JOIN billing_period_share s ON s.period_id = p.id
    WHERE p.id = touched GROUP BY p.is_pause;
  IF FOUND AND wrong.whole <> (CASE WHEN wrong.is_pause THEN 0 ELSE 100 END) THEN
    RAISE EXCEPTION 'Shares of funding period % add up to %.', touched, wrong.whole
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_shares_whole';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_shares_whole
  AFTER INSERT OR UPDATE OR DELETE ON billing_period_share
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_shares();
CREATE CONSTRAINT TRIGGER billing_shares_whole
  AFTER INSERT OR UPDATE ON billing_period
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_shares();
"""
NO_SHARES = """
DROP TRIGGER billing_shares_whole ON billing_period;
DROP TRIGGER billing_shares_whole ON billing_period_share;
DROP FUNCTION billing_check_shares();
"""

PARTS = """
CREATE FUNCTION billing_check_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  missing numeric;
BEGIN
  IF TG_TABLE_NAME = 'billing_cost_entry' THEN touched := NEW.id; ELSE touched := NEW.entry_id; END IF;
  SELECT e.amount - coalesce((SELECT sum(a.amount) FROM billing_allocation a WHERE a.entry_id = e.id), 0)
    INTO missing FROM billing_cost_entry e WHERE e.id = touched;
  IF missing <> 0 THEN
    RAISE EXCEPTION 'Parts of cost % differ from it by %.', touched, missing
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_parts_whole';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_parts_whole AFTER INSERT ON billing_cost_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_parts();
CREATE CONSTRAINT TRIGGER billing_parts_whole AFTER INSERT ON billing_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_parts();
"""
NO_PARTS = """
DROP TRIGGER billing_parts_whole ON billing_allocation;
DROP TRIGGER billing_parts_whole ON billing_cost_entry;
DROP FUNCTION billing_check_parts();
"""

POSTED = ("billing_cost_entry", "billing_allocation", "billing_payment_match", "billing_event")
IMMUTABLE = """
CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Rows of % stay as they were posted.', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER billing_posted BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();\n"
    for table in POSTED
)
CHANGEABLE = (
    "".join(f"DROP TRIGGER billing_posted ON {table};\n" for table in POSTED)
    + "DROP FUNCTION billing_refuse_change();"
)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_ledger")]

    operations = [
        migrations.RunSQL(SHARES, NO_SHARES),
        migrations.RunSQL(PARTS, NO_PARTS),
        migrations.RunSQL(IMMUTABLE, CHANGEABLE),
    ]
