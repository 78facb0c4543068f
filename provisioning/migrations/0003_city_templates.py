from typing import Any

from django.db import migrations, models

import bezpechne.kernel.clock
from provisioning.city_templates.contents import Contents, originals


def write_originals(apps: Any, schema_editor: Any) -> None:
    """The built-in templates as they are shipped today; later editions come by «restore»."""
    template = apps.get_model("provisioning", "CityTemplate")
    template.objects.bulk_create(
        template(
            code=row["code"],
            name_uk=row["name_uk"],
            name_en=row["name_en"],
            is_built_in=True,
            **Contents.read(row).columns(),
        )
        for row in originals().values()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0002_engine"),
    ]

    operations = [
        migrations.CreateModel(
            name="CityTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("name_uk", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("is_built_in", models.BooleanField(default=False)),
                ("topics", models.JSONField(default=list)),
                ("units", models.JSONField(default=list)),
                ("wording", models.JSONField(default=dict)),
                ("zoom", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(default=bezpechne.kernel.clock.now)),
            ],
            options={
                "db_table": "provisioning_city_template",
                "ordering": ["-is_built_in", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code",), name="provisioning_city_template_code"
                    )
                ],
            },
        ),
        migrations.RunPython(write_originals, migrations.RunPython.noop),
    ]
