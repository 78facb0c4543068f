"""One row an event and recipient: what was sent about which question, and when."""

import re
import smtplib

from django.db import models
from django.db.models import Q

from bezpechne.kernel import clock
from bezpechne.kernel.mail.outbox import OutgoingMail

_ADDRESS = re.compile(r"[^\s<>:;,]+@[^\s<>:;,]+")


def permanent_refusal(error: Exception) -> tuple[int, str] | None:
    """Code and words of a server that will not take letters for an address; None: try again."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [(code, _text(words)) for code, words in error.recipients.values()]
        return answers[0] if answers and all(500 <= code < 600 for code, _ in answers) else None
    if isinstance(error, smtplib.SMTPDataError) and 550 <= error.smtp_code <= 553:
        return error.smtp_code, _text(error.smtp_error)
    return None


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def without_address(words: str, address: str) -> str:
    """Servers quote the address and its first part: the row keeps neither."""
    local = address.partition("@")[0]
    words = _ADDRESS.sub("…", words)
    if local:
        words = re.sub(rf"\b{re.escape(local)}\b", "…", words, flags=re.IGNORECASE)
    return " ".join(words.replace("\x00", "").split())


class Notice(OutgoingMail):
    """`subject_id` and `recipient_id` point where the kind says; never an address here."""

    question_id = models.BigIntegerField(null=True)
    # The recipient's server said for good that it takes no letters for this address, and its words.
    refused_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    # The desk dealt with it: called, mended the address, sent it again.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_notice"
        constraints = [models.UniqueConstraint(fields=["key"], name="notices_notice_key_unique")]
        indexes = [
            models.Index(fields=["question_id", "id"], name="notices_notice_question"),
            models.Index(
                fields=["question_id"],
                name="notices_notice_bouncing",
                condition=Q(refused_at__isnull=False, settled_at=None),
            ),
        ]

    def note_refusal(self, error: Exception, address: str) -> bool:
        """The desk sees the server's words and calls; another try would be refused as well."""
        refusal = permanent_refusal(error)
        if refusal is None:
            return False
        code, words = refusal
        self.refused_at, self.error = clock.now(), ""
        self.refusal = f"{code} {without_address(words, address)}"[:200]
        self.save(update_fields=["refused_at", "refusal", "error"])
        return True
