"""Pictures and letters made for tests: good ones, and ones that somebody made to do harm."""

import struct
import zlib
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

# In the middle of Poltava.
GPS_LATITUDE, GPS_LONGITUDE = (49.0, 35.0, 18.0), (34.0, 33.0, 5.0)
SECRET_WORDS = "Одарка була тут"


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corners(size: tuple[int, int] = (200, 100), mode: str = "RGB") -> Image.Image:
    """Red at the upper left, blue at the lower right: shows which way is up."""
    image = Image.new("RGB", size, "white")
    wide, high = size[0] // 4, size[1] // 4
    image.paste("red", (0, 0, wide, high))
    image.paste("blue", (size[0] - wide, size[1] - high, size[0], size[1]))
    return image.convert(mode)


def phone_photo(orientation: int = 6, size: tuple[int, int] = (200, 100)) -> bytes:
    """A JPEG as a phone makes it: turned, with a place, a maker, a thumbnail's worth of EXIF."""
    exif = _exif(orientation)
    return encoded(corners(size), exif=exif, comment=SECRET_WORDS.encode())


def _exif(
    orientation: int,
    latitude: tuple[float, ...] = GPS_LATITUDE,
    longitude: tuple[float, ...] = GPS_LONGITUDE,
) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone of Odarka"
    exif.get_ifd(0x8825).update({1: "N", 2: latitude, 3: "E", 4: longitude})
    return exif


def heic(
    orientation: int = 6,
    size: tuple[int, int] = (200, 100),
    latitude: tuple[float, ...] = GPS_LATITUDE,
    longitude: tuple[float, ...] = GPS_LONGITUDE,
) -> bytes:
    """The same as an iPhone makes it."""
    return encoded(corners(size), "HEIF", exif=_exif(orientation, latitude, longitude).tobytes())


def jpeg(size: tuple[int, int] = (60, 40)) -> bytes:
    """A small ordinary JPEG."""
    return encoded(corners(size))


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """A file of a form."""
    return SimpleUploadedFile(name, content)


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises a size; the pixels are not there."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200
HTML_TAIL = b"<html><script>alert(document.cookie)</script></html>"
ZIP_TAIL = b"PK\x03\x04" + b"\x00" * 26 + b"evil.php" + b"PK\x05\x06" + b"\x00" * 18
