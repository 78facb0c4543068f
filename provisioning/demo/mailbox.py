"""The demo's mailbox: every letter that went out, newest first. Routed only when DEMO is on."""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bezpechne.accounts import access

MOST = 200
_NAME = re.compile(r"\d{20}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Mail:
    """One letter; `text` is its text version."""

    name: str
    to: str
    subject: str
    date: datetime
    text: str


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the default policy makes these
    body = message.get_body(("plain",))
    return Mail(
        path.stem,
        str(message["To"]),
        str(message["Subject"]),
        parsedate_to_datetime(str(message["Date"])),
        body.get_content() if body else "",
    )


@access.public(before_launch=True)
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest 200 letters, or those to one address."""
    to = request.GET.get("to", "").strip().lower()
    paths = sorted(Path(settings.MAIL_DIR).glob("*.eml"), reverse=True)[:MOST]
    mails = [mail for mail in map(_read, paths) if to in mail.to.lower()]
    return render(request, "provisioning/mailbox.html", {"mails": mails, "to": to})


@access.public(before_launch=True)
@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One letter with its links."""
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Http404
    return render(request, "provisioning/letter.html", {"mail": _read(path)})
