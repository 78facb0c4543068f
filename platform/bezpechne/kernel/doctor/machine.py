"""What needs no database: settings, address, mail server, files, disk."""

import shutil
import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core import checks, mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from bezpechne.kernel.doctor import Check, Finding, error, ok, warning
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.stored import StorageUnavailable

MAIL_SECONDS = 10
_MB = 1024 * 1024


def look_at_settings() -> Iterator[Finding]:
    """Django's own checks and what they do not know."""
    for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION):
        if message.is_silenced():
            continue
        level = error if message.is_serious() else warning
        yield level(f"{message.msg} ({message.id})", message.hint or "See Django's system checks.")
    if not settings.PRODUCTION:
        yield ok("A local installation: ENVIRONMENT is not `production`.")
        return
    yield ok("ENVIRONMENT is `production`.")
    if not settings.BEHIND_PROXY:
        yield warning(
            "BEHIND_PROXY is not set: where a proxy ends HTTPS, each page redirects to itself.",
            "Set BEHIND_PROXY=1 if all requests come through a proxy of yours.",
        )
    if not settings.METRICS_TOKEN:
        yield warning("METRICS_TOKEN is not set: /metrics is closed.", "Set it to a random text.")
    if settings.WEB_PROCESSES > 1 and not settings.METRICS_DIR:
        yield error(
            f"{settings.WEB_PROCESSES} web processes count requests each for itself.",
            "Set PROMETHEUS_MULTIPROC_DIR to a folder that is empty at each start.",
        )
    if not settings.S3_BUCKET:
        yield warning(
            "Files lie on this machine; a second web server would not see them.",
            "Set S3_BUCKET before adding servers, and keep DATA_DIR/files in the backup.",
        )


def look_at_address() -> Iterator[Finding]:
    """BASE_URL, and whether names of cities lead anywhere."""
    base = urlsplit(settings.BASE_URL)
    if not settings.PRODUCTION:
        yield ok(f"BASE_URL is {settings.BASE_URL}.")
        return
    if base.scheme != "https":
        yield error(
            f"BASE_URL is {settings.BASE_URL}: cookies and links travel in the clear.",
            "Give BASE_URL with https:// and a proxy with certificates (deploy/Caddyfile).",
        )
    for name in (settings.BASE_HOST, f"doctor-{uuid4().hex[:8]}.{settings.BASE_HOST}"):
        try:
            socket.getaddrinfo(name, None)
        except OSError:
            yield error(
                f"The name {name} is not known to DNS.",
                f"Add records for {settings.BASE_HOST} and *.{settings.BASE_HOST}.",
            )
            return
    yield ok(f"{settings.BASE_HOST} and its subdomains are known to DNS.")


def look_at_mail() -> Iterator[Finding]:
    """Greets the mail server and signs in; sends nothing."""
    if not settings.EMAIL_HOST:
        yield ok(f"No mail server: letters are files in {settings.MAIL_DIR}.")
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    server = mail.get_connection(timeout=MAIL_SECONDS)
    try:
        server.open()
    except smtplib.SMTPAuthenticationError:
        yield error(f"{place} refuses our sign-in.", "Correct SMTP_USER and SMTP_PASSWORD.")
    except (OSError, smtplib.SMTPException) as failure:
        yield error(
            f"The mail server {place} does not answer ({type(failure).__name__}).",
            "Check SMTP_HOST, SMTP_PORT, SMTP_STARTTLS or SMTP_SSL, and the firewall between.",
        )
    else:
        yield ok(f"The mail server {place} lets us in.")
    finally:
        server.close()


def look_at_files() -> Iterator[Finding]:
    """Writes, reads and deletes one small file where files of cities go."""
    content = uuid4().bytes
    place = f"the bucket {settings.S3_BUCKET}" if settings.S3_BUCKET else str(settings.MEDIA_ROOT)
    step = "writing"
    try:
        with in_schema(PUBLIC):
            name = default_storage.save(f"doctor/{uuid4().hex}", ContentFile(content))
            step = "reading"
            with default_storage.open(name) as file:
                same = file.read() == content
            step = "deleting"
            default_storage.delete(name)
    except Exception as failure:  # noqa: BLE001 - each storage has errors of its own
        known = failure.reason if isinstance(failure, StorageUnavailable) else ""
        yield error(
            f"{step.capitalize()} a file in {place} fails ({known or type(failure).__name__}).",
            "Check the bucket's name, the S3_ variables and the key's rights, or the folder's owner.",
        )
        return
    if same:
        yield ok(f"A file was written, read and deleted in {place}.")
    else:
        yield error(f"A file in {place} came back changed.", "Do not use this storage.")


def look_at_disk() -> Iterator[Finding]:
    """Free space where this machine writes."""
    folder = Path(settings.DATA_DIR)
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    said = f"{usage.free // _MB:,} MB free ({share:.0%}) on the disk of {folder}."
    fix = "Free some space or move DATA_DIR to a larger disk."
    if share < 0.02 or usage.free < 200 * _MB:
        yield error(said, fix)
    elif share < 0.1 or usage.free < 2000 * _MB:
        yield warning(said, fix)
    else:
        yield ok(said)


CHECKS = (
    Check("settings", look_at_settings, needs_database=False),
    Check("address", look_at_address, needs_database=False),
    Check("mail", look_at_mail, needs_database=False),
    # In `public`: choosing the schema asks nothing of the database.
    Check("files", look_at_files, needs_database=False),
    Check("disk", look_at_disk, needs_database=False),
)
