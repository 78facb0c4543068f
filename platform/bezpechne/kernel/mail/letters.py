"""A letter as plain data, and how it becomes a message with equal text and HTML."""

from dataclasses import dataclass
from email.utils import formatdate

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Texts are plain and in the recipient's language; `button` is a label and an absolute URL.

    `quote` is shown set off (the question, the answer); `after` follows the button.
    """

    to: str
    subject: str
    paragraphs: list[str]
    site: str
    site_url: str
    code: str = ""
    quote: str = ""
    quote_label: str = ""
    button: tuple[str, str] | None = None
    after: tuple[str, ...] = ()
    reply_to: str = ""


def as_message(letter: Letter, message_id: str) -> EmailMultiAlternatives:
    """The message; the same Message-ID lets a mail program drop a repeated one."""
    context = {"letter": letter, "language": get_language()}
    message = EmailMultiAlternatives(
        # A name with a line break in it must neither add a header nor stop the letter.
        subject=" ".join(letter.subject.split()),
        body=render_to_string("mail/letter.txt", context),
        to=[letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": message_id,
            "Date": formatdate(localtime=False),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mail/letter.html", context), "text/html")
    return message
