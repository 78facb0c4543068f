"""What is wanted of answers' marks: a share of those that helped, not a mark of 1 to 5."""

from typing import Any

from django.db import migrations

BEST_MARK, WANTED = 5, 70


def to_per_cent(apps: Any, schema_editor: Any) -> None:
    """Nothing could be measured against the old numbers."""
    for row in apps.get_model("handover", "Handover").objects.iterator():
        if (row.thresholds.get("rating") or 0) <= BEST_MARK and "rating" in row.thresholds:
            row.thresholds["rating"] = WANTED
            row.save(update_fields=["thresholds"])


class Migration(migrations.Migration):
    dependencies = [("handover", "0001_handovers")]

    operations = [migrations.RunPython(to_per_cent, migrations.RunPython.noop)]
