"""Photos by content: checked, turned upright, made small, written anew without any metadata."""

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

MAX_BYTES = 10 * 1024 * 1024
# A 100-megapixel phone photo is real; a file that unpacks to more is an attack.
MAX_PIXELS = 110_000_000
# What is not JPEG is decoded at full size: four bytes a pixel and more, for one request.
MAX_PIXELS_AT_ONCE = 25_000_000
FULL_SIDE = 1600
THUMBNAIL_SIDE = 400
FORMATS = ("JPEG", "PNG", "WEBP")


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
        NotImplementedError,
        Image.DecompressionBombError,
    ) as error:
        raise ImageRefused(
            _("This file is not a photo that we can read. Send a JPEG, PNG or WebP.")
        ) from error


@dataclass(frozen=True)
class Processed:
    """Two JPEGs and the size of the larger, in pixels."""

    full: bytes
    thumbnail: bytes
    width: int
    height: int


def _jpeg(image: Image.Image, side: int) -> bytes:
    """Shrinks the picture itself, so that no second copy is held."""
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    # No exif, no icc, no comment: a fresh file holds pixels alone.
    image.save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return out.getvalue()


def opened(source: "File[bytes] | BytesIO") -> Image.Image:
    """The first frame of a JPEG, PNG or WebP, its pixels not decoded yet."""
    with warnings.catch_warnings():
        # Pillow warns above its own limit; ours is checked before a pixel is decoded.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(source, formats=FORMATS)
    most = MAX_PIXELS if image.format == "JPEG" else MAX_PIXELS_AT_ONCE
    if image.width * image.height > most:
        raise ImageRefused(_("This photo has too many pixels. Send a smaller copy."))
    if getattr(image, "n_frames", 1) > 1:
        image.seek(0)
    return image


def _smaller(image: Image.Image) -> Image.Image:
    """Whole-number reduction before anything copies the pixels; palettes cannot be averaged."""
    factor = max(image.size) // FULL_SIDE
    if factor < 2 or image.mode in {"1", "P", "PA"} or image.mode.startswith("I"):
        return image
    return image.reduce(factor)


def process(source: "File[bytes] | BytesIO", size: int) -> Processed:
    """Reads a JPEG, PNG or WebP of `size` bytes. Raises ImageRefused with a sentence."""
    if size > MAX_BYTES:
        raise ImageRefused(_("This photo is larger than 10 MB. Send a smaller copy."))
    with _at_once:
        return _process(source)


def _process(source: "File[bytes] | BytesIO") -> Processed:
    with readable():
        image = opened(source)
        # JPEGs decode straight at a smaller scale: a tenth of the memory.
        image.draft("RGB", (FULL_SIDE * 2, FULL_SIDE * 2))
        upright = ImageOps.exif_transpose(_smaller(image))
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
        full = _jpeg(flat, FULL_SIDE)
        width, height = flat.size
        thumbnail = _jpeg(flat, THUMBNAIL_SIDE)
    return Processed(full, thumbnail, width, height)
