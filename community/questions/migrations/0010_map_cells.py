from django.db import migrations, models

# Runs before the foreign key is there, so no check of it is left pending in the transaction.
FILL = """
INSERT INTO questions_cell (level, x, y, topic_id, state, number, lat_sum, lon_sum, id_sum)
SELECT level, x >> (18 - level), y >> (18 - level), topic_id, state,
       count(*), sum(lat), sum(lon), sum(id)
FROM (
    SELECT id, topic_id, state,
           floor((lon + 180) * 262144 / 360)::int AS x, floor((lat + 90) * 262144 / 240)::int AS y,
           round(lat * 1000000)::bigint AS lat, round(lon * 1000000)::bigint AS lon
    FROM questions_question WHERE state IN ('published', 'answered')
) AS placed, generate_series(9, 18) AS level
GROUP BY 1, 2, 3, 4, 5
"""


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0009_privacy_notice"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cell",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "x",
                        "y",
                        "topic_id",
                        "state",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("x", models.IntegerField()),
                ("y", models.IntegerField()),
                ("state", models.CharField(max_length=16)),
                ("number", models.BigIntegerField()),
                ("lat_sum", models.BigIntegerField()),
                ("lon_sum", models.BigIntegerField()),
                ("id_sum", models.BigIntegerField()),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="questions.topic",
                    ),
                ),
            ],
            options={"db_table": "questions_cell"},
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
