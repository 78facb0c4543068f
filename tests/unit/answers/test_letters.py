"""Scanned letters: PDF or a picture by content, a safe name, a sentence for the rest."""

from io import BytesIO

import pytest
from PIL import Image

from community.answers import letters
from community.answers.letters import LetterRefused, check
from tests import pictures


def test_a_pdf_is_kept_as_it_is_under_a_safe_name() -> None:
    scan = check(pictures.upload(pictures.PDF, "Лист № 5.docx"))
    assert scan.file.read() == pictures.PDF
    assert (scan.name, scan.media_type, scan.size) == (
        "Лист__5.pdf",
        "application/pdf",
        len(pictures.PDF),
    )


def test_a_jpeg_is_written_anew_without_its_place() -> None:
    scan = check(pictures.upload(pictures.phone_photo(), "scan.exe"))
    content = scan.file.read()
    assert scan.name == "scan.jpg"
    assert scan.media_type == "image/jpeg"
    assert b"Odarka" not in content
    assert not Image.open(BytesIO(content)).getexif()
    assert scan.size == len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4 without an end",
        b"%%EOF",
        b"junk" + pictures.PDF,
        pictures.HTML_TAIL,
        pictures.SVG,
        b"\x89PNG" + b"junk" * 100,
        pictures.ZIP_TAIL,
        b"\xff\xd8\xff" + b"junk" * 100,
    ],
    ids=lambda content: content[:8].hex() or "empty",
)
def test_what_is_no_letter_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(LetterRefused, match=r"\w{3,}.*\."):
        check(pictures.upload(content, "letter.pdf"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_another_picture_becomes_a_jpeg(kind: str) -> None:
    scan = check(pictures.upload(pictures.encoded(pictures.corners(), kind), "page.heic"))
    assert (scan.name, scan.media_type) == ("page.jpg", "image/jpeg")
    assert scan.file.read().startswith(b"\xff\xd8\xff")


def test_more_than_10_mb_is_refused() -> None:
    content = pictures.PDF[:-6] + b" " * letters.MAX_BYTES + b"%%EOF\n"
    with pytest.raises(LetterRefused, match="10"):
        check(pictures.upload(content, "letter.pdf"))


@pytest.mark.parametrize("name", ["№.pdf", "«».pdf", "..pdf", "***", "🙂.pdf", ".", "-"])
def test_a_name_of_signs_alone_does_not_lose_the_letter(name: str) -> None:
    file = pictures.upload(pictures.PDF)
    file._name = name  # type: ignore[attr-defined] # what a form's parser would hand over
    assert check(file).name.endswith(".pdf")


def test_a_long_name_is_cut() -> None:
    assert len(check(pictures.upload(pictures.PDF, "л" * 240 + ".pdf")).name) <= 120
