import django.db.models.deletion
from django.db import migrations, models

import bezpechne.kernel.clock


class Migration(migrations.Migration):
    dependencies = [
        ("answers", "0004_ratings"),
        ("questions", "0004_withdrawn_and_duplicate"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=4000)),
                ("competence", models.CharField(blank=True, max_length=300)),
                ("next_step", models.CharField(blank=True, max_length=500)),
                ("changed_at", models.DateTimeField(default=bezpechne.kernel.clock.now)),
            ],
            options={
                "db_table": "answers_draft",
            },
        ),
        migrations.CreateModel(
            name="Pass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("email", models.EmailField(max_length=254)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("token_hash", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(default=bezpechne.kernel.clock.now)),
                ("taken_back_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "answers_pass",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="routing",
            name="link_wanted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="unit",
            name="link_scope",
            field=models.CharField(
                choices=[("question", "One question"), ("unit", "All open questions of the unit")],
                db_default="question",
                default="question",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="routing",
            index=models.Index(
                condition=models.Q(("state__in", ["sent", "accepted"])),
                fields=["unit", "id"],
                name="answers_routing_open_of_unit",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="routing",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="draft",
                to="answers.routing",
            ),
        ),
        migrations.AddField(
            model_name="pass",
            name="passed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passed_on",
                to="answers.pass",
            ),
        ),
        migrations.AddField(
            model_name="pass",
            name="routing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passes",
                to="answers.routing",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.UniqueConstraint(
                condition=models.Q(("token_hash", ""), _negated=True),
                fields=("token_hash",),
                name="answers_pass_token_unique",
            ),
        ),
    ]
