"""Scanned letters by content: PDF or a picture, whatever the name says."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from django.core.files.base import File
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from bezpechne.kernel.images import ImageRefused, process

MAX_BYTES = 10 * 1024 * 1024


class LetterRefused(ValueError):
    """The text says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Scan:
    """A checked letter, ready to be stored."""

    file: BytesIO
    name: str
    media_type: str
    size: int


def check(file: "File[bytes]") -> Scan:
    """A PDF is kept as it is and only ever downloaded; a picture becomes a JPEG without metadata."""
    if file.size > MAX_BYTES:
        raise LetterRefused(_("This letter is larger than 10 MB."))
    content = file.read()
    # The letter before it saves names of signs alone, which the function refuses.
    stem = get_valid_filename(f"x{PurePath(file.name or '').stem}")[1:101].strip(".") or "letter"
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return Scan(BytesIO(content), f"{stem}.pdf", "application/pdf", len(content))
    try:
        done = process(BytesIO(content), len(content))
    except ImageRefused as error:
        if _is_picture(content):
            raise LetterRefused(str(error)) from error
        raise LetterRefused(_("This file is not a PDF or a photo.")) from error
    return Scan(BytesIO(done.full), f"{stem}.jpg", "image/jpeg", len(done.full))


def _is_picture(content: bytes) -> bool:
    """By the first bytes of a JPEG, a PNG or a WebP: then it is the picture that is damaged."""
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF"))
