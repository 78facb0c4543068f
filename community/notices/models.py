"""One row an event and recipient: what was sent about which question, and when."""

from django.db import models

from bezpechne.kernel.mail.outbox import OutgoingMail


class Notice(OutgoingMail):
    """`subject_id` and `recipient_id` point where the kind says; never an address here."""

    question_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "notices_notice"
        constraints = [models.UniqueConstraint(fields=["key"], name="notices_notice_key_unique")]
        indexes = [models.Index(fields=["question_id", "id"], name="notices_notice_question")]
