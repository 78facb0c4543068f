"""A city's logo: any raster picture as one small PNG with its transparency, nothing else inside."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from bezpechne.kernel.images import ImageRefused, opened, readable

MAX_BYTES = 2 * 1024 * 1024
# Decoded at full size: larger than any logo that somebody drew.
MAX_PIXELS = 12_000_000
LEAST_SIDE = 40
# Shown 36 pixels high: enough for the sharpest screens.
BOX = (640, 160)
WIDEST, TALLEST = 6.0, 1 / 2
# Above it the colours are reduced to 256: a photograph makes a heavy logo.
HEAVY = 60 * 1024
# Share of the picture that has to stand out from the white header, and by how much of 255.
VISIBLE_SHARE, VISIBLE_DIFFERENCE = 0.02, 48


@dataclass(frozen=True)
class Logo:
    """A PNG; `stem` names it by its content and size, so that caches may keep it for good."""

    png: bytes
    width: int
    height: int

    @property
    def stem(self) -> str:
        digest = hashlib.sha256(self.png).hexdigest()[:16]
        return f"{digest}-{self.width}x{self.height}"


def process(source: "File[bytes] | BytesIO", size: int) -> Logo:
    """Reads a PNG, WebP or JPEG of `size` bytes. Raises ImageRefused with a sentence."""
    if size > MAX_BYTES:
        raise ImageRefused(_("This file is larger than 2 MB. A logo of 640 pixels is enough."))
    head = source.read(512)
    source.seek(0)
    if b"<svg" in head.lower() or head.lstrip().startswith(b"<"):
        raise ImageRefused(
            _("SVG is not taken: it may carry scripts. Save the logo as PNG, 160 pixels high.")
        )
    with readable():
        image = _trimmed(_upright(source))
        _check(image)
        image.thumbnail(BOX, Image.Resampling.LANCZOS)
        return Logo(_png(image), *image.size)


def _upright(source: "File[bytes] | BytesIO") -> Image.Image:
    image = opened(source)
    if image.width * image.height > MAX_PIXELS:
        raise ImageRefused(_("This picture has too many pixels. Send a smaller copy."))
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    return upright.convert("RGBA")


def _trimmed(image: Image.Image) -> Image.Image:
    """Without an empty margin, which would make the logo smaller than it has to be."""
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if box is None:
        raise ImageRefused(_("This picture is empty: every pixel is transparent."))
    return image.crop(box)


def _check(image: Image.Image) -> None:
    if min(image.size) < LEAST_SIDE:
        raise ImageRefused(_("This logo is too small. It needs 40 pixels each way at least."))
    if not TALLEST <= image.width / image.height <= WIDEST:
        raise ImageRefused(
            _(
                "This logo is too long for the header: at most 6 times as wide as high, and at most twice as high as wide."
            )
        )
    small = image.copy()
    small.thumbnail((128, 128))
    flat = Image.new("RGBA", small.size, "white")
    flat.alpha_composite(small)
    dark = flat.convert("L").point(lambda light: 255 if light <= 255 - VISIBLE_DIFFERENCE else 0)
    if dark.histogram()[255] < VISIBLE_SHARE * small.width * small.height:
        raise ImageRefused(
            _(
                "This logo is white or nearly so and would vanish on the white header. Send the version for light grounds."
            )
        )


def _png(image: Image.Image) -> bytes:
    image.info.clear()
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    if out.tell() > HEAVY:
        out = BytesIO()
        image.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()
