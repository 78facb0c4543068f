"""Scans and signed containers: checked by what they hold, kept as they came."""

import hashlib
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.stored import StorageUnavailable
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import Paper
from billing.states import PaperKind

MOST_BYTES = 10 * 1024 * 1024
# Beginning of the file → type. A signature (p7s) is DER: a long sequence; a container is a zip.
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"PK\x03\x04", "application/vnd.etsi.asic-e+zip", "asice"),
    (b"\x30\x82", "application/pkcs7-mime", "p7s"),
    (b"\x30\x83", "application/pkcs7-mime", "p7s"),
    (b"\x30\x80", "application/pkcs7-mime", "p7s"),
)


def keep_paper(
    *,
    by: Actor,
    kind: PaperKind,
    upload: "UploadedFile[bytes]",
    number: str = "",
    dated_on: date | None = None,
    **about: Any,
) -> Paper:
    """`about`: payer, agreement, grant or account. Call it in the transaction of what needs it.

    Raises LedgerRefused at the field `copy`: too large, empty, or none of PDF, JPEG, PNG, signed
    container.
    """
    by.require(Permission.FINANCE)
    if (upload.size or 0) > MOST_BYTES:
        raise LedgerRefused(_("The file is larger than 10 MB."), "copy")
    content = upload.read()
    found = next(((t, e) for start, t, e in _BEGINNINGS if content.startswith(start)), None)
    if found is None:
        raise LedgerRefused(
            _("This is neither PDF, JPEG, PNG nor a signed container (p7s, asice)."), "copy"
        )
    content_type, ending = found
    digest = hashlib.sha256(content).hexdigest()
    paper = Paper(
        kind=kind,
        number=number,
        dated_on=dated_on,
        file_name=f"{kind}-{digest[:12]}.{ending}",
        content_type=content_type,
        sha256=digest,
        size=len(content),
        created_by_id=by.id,
        **about,
    )
    try:
        paper.file.save(paper.file_name, ContentFile(content), save=False)
    except StorageUnavailable as error:
        raise LedgerRefused(
            _("Files cannot be stored right now. Choose the file again in a few minutes."), "copy"
        ) from error
    paper.save()
    note(by=by, action="paper_added", subject=paper, kind=kind, sha256=digest)
    return paper
