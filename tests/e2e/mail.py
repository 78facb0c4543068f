"""A real SMTP server that keeps what it gets."""

import asyncio
import email
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.e2e.installation import free_port

_CODE = re.compile(r"^\s+(\d{6})\s*$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+")


@dataclass
class Mail:
    """One letter as it came over the wire."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    read: bool = field(default=False, repr=False)

    @property
    def code(self) -> str:
        """The six digits."""
        found = _CODE.search(self.text)
        assert found, f"No code in:\n{self.text}"
        return str(found[1])

    def link(self, part: str) -> str:
        """The first address that holds `part`."""
        found = [link for link in _LINK.findall(self.text) if part in link]
        assert found, f"No link with {part} in:\n{self.text}"
        return str(found[0])

    def has_link(self, part: str) -> bool:
        return any(part in link for link in _LINK.findall(self.text))


class Mailbox:
    """Everybody's mail. Each letter is handed out once, in the order of arrival."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[Mail] = []
        self._news = threading.Condition()
        self._controller: Controller | None = None
        self._hanging = False
        self.hung = 0

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    @contextmanager
    def is_down(self) -> Iterator[None]:
        """Connections are refused."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def hangs(self) -> Iterator[None]:
        """The server says nothing after it got a letter (`hung` counts them), and takes none."""
        self.hung, self._hanging = 0, True
        try:
            yield
        finally:
            self._hanging = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Called by the server for each letter."""
        if self._hanging:
            self.hung += 1
            while self._hanging:
                await asyncio.sleep(0.02)
            return "451 Not taken"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = parsed(content, envelope.rcpt_tos[0])
        with self._news:
            self.mails.append(mail)
            self._news.notify_all()
        return "250 OK"

    def wait_for_mail(
        self, to: str, subject_part: str = "", link_part: str = "", *, seconds: float = 25
    ) -> Mail:
        """The oldest letter to `to` that nobody has read yet and that fits; waits for it."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for mail in self.mails:
                    fits = subject_part in mail.subject and (
                        not link_part or mail.has_link(link_part)
                    )
                    if mail.to == to and not mail.read and fits:
                        mail.read = True
                        return mail
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._news.wait(left)
        had = [(mail.subject, mail.read) for mail in self.mails if mail.to == to]
        raise AssertionError(
            f"No letter to {to} with {subject_part!r} {link_part!r} in {seconds:g} s; there are {had}"
        )

    def to(self, address: str) -> list[Mail]:
        """All letters to an address, read or not."""
        with self._news:
            return [mail for mail in self.mails if mail.to == address]


def parsed(content: bytes, to: str) -> Mail:
    """A letter from its bytes."""
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    return Mail(
        to=to,
        subject=str(message["Subject"]).strip(),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        message_id=str(message["Message-ID"]),
    )
