import django.db.models.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Hromada",
            fields=[
                ("code", models.CharField(max_length=19, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("H", "Hromada"), ("K", "City")], max_length=1)),
                ("name_uk", models.CharField(max_length=100)),
                ("type_uk", models.CharField(max_length=20)),
                ("oblast_uk", models.CharField(max_length=50)),
                ("raion_uk", models.CharField(blank=True, max_length=50)),
                ("centre_code", models.CharField(max_length=19)),
                ("centre_uk", models.CharField(max_length=100)),
                ("centre_en", models.CharField(max_length=100)),
                ("slug", models.CharField(max_length=40)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("population", models.PositiveIntegerField(null=True)),
                (
                    "trust",
                    models.CharField(
                        choices=[
                            ("checked", "Checked"),
                            ("unchecked", "Unchecked"),
                            ("misplaced", "Misplaced"),
                            ("missing", "Missing"),
                            ("outline", "Outline"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name_sort", models.CharField(max_length=200)),
                ("outline", models.JSONField(null=True)),
                ("west", models.FloatField(null=True)),
                ("south", models.FloatField(null=True)),
                ("east", models.FloatField(null=True)),
                ("north", models.FloatField(null=True)),
            ],
            options={
                "ordering": ["name_sort", "code"],
                "indexes": [models.Index(fields=["name_sort", "code"], name="hromada_name_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        fields=("slug",),
                        name="hromada_slug_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__regex", "^UA\\d{17}$"), ("centre_code__regex", "^UA\\d{17}$")
                        ),
                        name="hromada_codes_are_katottg",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["H", "K"])), name="hromada_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lat__isnull", False),
                                ("lon__isnull", False),
                                ("trust__in", ["checked", "unchecked", "outline"]),
                            ),
                            models.Q(
                                ("lat__isnull", True),
                                ("lon__isnull", True),
                                ("trust__in", ["misplaced", "missing"]),
                            ),
                            _connector="OR",
                        ),
                        name="hromada_point_fits_trust",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("east__isnull", True),
                                ("north__isnull", True),
                                ("outline__isnull", True),
                                ("south__isnull", True),
                                ("west__isnull", True),
                            ),
                            models.Q(
                                ("east__isnull", False),
                                ("north__isnull", False),
                                ("outline__isnull", False),
                                ("south__isnull", False),
                                ("south__lt", models.F("north")),
                                ("west__isnull", False),
                                ("west__lt", models.F("east")),
                            ),
                            _connector="OR",
                        ),
                        name="hromada_bounds_fit_outline",
                    ),
                ],
            },
        ),
    ]
