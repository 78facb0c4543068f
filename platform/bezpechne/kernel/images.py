"""Photos by content: checked, turned upright, made small, written anew without any metadata.

Where a photo was taken is read once, to be offered to whoever sent it, and kept nowhere.
"""

import math
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

MAX_BYTES = 10 * 1024 * 1024
# A 100-megapixel phone photo is real; a file that unpacks to more is an attack.
MAX_PIXELS = 110_000_000
# What is not JPEG is decoded at full size: four bytes a pixel and more, for one request.
MAX_PIXELS_AT_ONCE = 25_000_000
# The largest that phones write as HEIC is 48 megapixels; three bytes a pixel.
MAX_PIXELS_HEIF = 50_000_000
# What is kept beside what is shown: enough to cover a face or a plate by hand.
KEPT_SIDE = 3200
FULL_SIDE = 1600
THUMBNAIL_SIDE = 400
FORMATS = ("JPEG", "PNG", "WEBP")
PHOTO_FORMATS = (*FORMATS, "HEIF")
_GPS = 0x8825
# Of a JPEG: the one segment beside the picture that we write, with its size, and the last bytes.
_PLAIN, _END = [("APP0", 14)], b"\xff\xd9"


# Large pictures decode one after the other, whatever the number of threads.
_at_once = threading.BoundedSemaphore(2)


class ImageRefused(ValueError):
    """The text says what is wrong and how to mend it."""


@contextmanager
def readable() -> Iterator[None]:
    """Turns whatever Pillow says about a damaged file into one sentence."""
    try:
        yield
    except ImageRefused:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        # What Pillow lets through when metadata are damaged.
        struct.error,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        EOFError,
        # libheif's own words, and what Pillow has not implemented.
        RuntimeError,
        MemoryError,
        Image.DecompressionBombError,
    ) as error:
        raise ImageRefused(
            _("This file is not a photo that we can read. Send a JPEG, PNG, WebP or HEIC.")
        ) from error


@dataclass(frozen=True)
class Processed:
    """Three JPEGs of pixels alone; the size of `full`, in pixels.

    `taken_at`: (latitude, longitude) in degrees where the file says it was taken; never stored.
    """

    kept: bytes
    full: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: tuple[float, float] | None


def _jpeg(image: Image.Image, side: int) -> bytes:
    """Shrinks the picture itself, so that no second copy is held."""
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    # No exif, no icc, no comment: a fresh file holds pixels alone.
    image.save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return out.getvalue()


def is_bare(content: bytes) -> bool:
    """Whether a file is a JPEG as `process` writes it: no metadata, nothing behind the picture."""
    try:
        with readable():
            image = opened(BytesIO(content), ("JPEG",))
    except ImageRefused:
        return False
    segments = [(kind, len(text)) for kind, text in getattr(image, "applist", [])]
    return segments == _PLAIN and content.endswith(_END) and max(image.size) <= KEPT_SIDE


def opened(source: "File[bytes] | BytesIO", formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """The first frame of a picture in one of the formats, its pixels not decoded yet."""
    with warnings.catch_warnings():
        # Pillow warns above its own limit; ours is checked before a pixel is decoded.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(source, formats=formats)
    most = {"JPEG": MAX_PIXELS, "HEIF": MAX_PIXELS_HEIF}.get(image.format or "", MAX_PIXELS_AT_ONCE)
    if image.width * image.height > most:
        raise ImageRefused(_("This photo has too many pixels. Send a smaller copy."))
    if getattr(image, "n_frames", 1) > 1:
        image.seek(0)
    return image


def _smaller(image: Image.Image) -> Image.Image:
    """Whole-number reduction before anything copies the pixels; palettes cannot be averaged."""
    factor = max(image.size) // KEPT_SIDE
    if factor < 2 or image.mode in {"1", "P", "PA"} or image.mode.startswith("I"):
        return image
    return image.reduce(factor)


def _degrees(parts: object, sign: object, negative: str) -> float:
    """From degrees, minutes, seconds. Raises TypeError or ValueError for anything else."""
    whole, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined] # checked by the caller
    value = whole + minutes / 60 + seconds / 3600
    return -value if str(sign).strip("\x00 ").upper() == negative else value


def _taken_at(image: Image.Image) -> tuple[float, float] | None:
    """None where the file says nothing, nonsense, or the 0°, 0° of a camera without reception."""
    try:
        gps = image.getexif().get_ifd(_GPS)
        lat = _degrees(gps[2], gps.get(1, "N"), "S")
        lon = _degrees(gps[4], gps.get(3, "E"), "W")
    except Exception:  # noqa: BLE001 - a help only: damaged metadata must not cost the photo
        return None
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return (lat, lon) if (lat, lon) != (0, 0) else None


def process(source: "File[bytes] | BytesIO", size: int) -> Processed:
    """Reads a JPEG, PNG, WebP or HEIC of `size` bytes. Raises ImageRefused with a sentence."""
    if size > MAX_BYTES:
        raise ImageRefused(_("This photo is larger than 10 MB. Send a smaller copy."))
    with _at_once:
        return _process(source)


def _process(source: "File[bytes] | BytesIO") -> Processed:
    with readable():
        image = opened(source, PHOTO_FORMATS)
        taken_at = _taken_at(image)
        # JPEGs decode straight at a smaller scale: a tenth of the memory.
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
        flat = _flat(ImageOps.exif_transpose(_smaller(image)))
        kept = _jpeg(flat, KEPT_SIDE)
        full = _jpeg(flat, FULL_SIDE)
        width, height = flat.size
        thumbnail = _jpeg(flat, THUMBNAIL_SIDE)
    return Processed(kept, full, thumbnail, width, height, taken_at)


def _flat(upright: Image.Image) -> Image.Image:
    """In three colours, what was transparent white, nothing but pixels."""
    if upright.mode.startswith("I"):
        # 16 bits of grey: converted at once, all above 255 would be white.
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        flat = Image.new("RGB", layered.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
    else:
        flat = upright.convert("RGB")
    flat.info.clear()
    return flat
