"""A logo is one small PNG with its transparency and nothing else; the rest is refused in words."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from bezpechne.kernel.images import ImageRefused
from bezpechne.kernel.logos import BOX, Logo, process
from tests import pictures


def badge(size: tuple[int, int] = (300, 200), margin: int = 40, ink: str = "navy") -> Image.Image:
    """A disc on a transparent ground."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    box = (margin, margin, size[0] - margin, size[1] - margin)
    ImageDraw.Draw(image).ellipse(box, fill=ink)
    return image


def sent(image: Image.Image, kind: str = "PNG", **options: object) -> Logo:
    content = pictures.encoded(image, kind, **options)
    return process(BytesIO(content), len(content))


def opened(logo: Logo) -> Image.Image:
    image = Image.open(BytesIO(logo.png))
    image.load()
    return image


def test_a_transparent_ground_stays_and_the_empty_margin_goes() -> None:
    logo = sent(badge())
    image = opened(logo).convert("RGBA")
    assert image.size == (logo.width, logo.height)
    assert abs(image.width / image.height - 220 / 120) < 0.1
    assert image.getpixel((0, 0))[3] == 0  # type: ignore[index] # RGBA is a tuple
    assert image.getpixel((image.width // 2, image.height // 2))[3] == 255  # type: ignore[index]


def test_a_large_logo_is_made_small() -> None:
    logo = sent(badge((3000, 2000)))
    assert logo.width <= BOX[0]
    assert logo.height <= BOX[1]
    assert len(logo.png) < 60_000


def test_a_photograph_as_a_logo_stays_light() -> None:
    noise = Image.effect_noise((800, 300), 80).convert("RGB")
    assert len(sent(noise, "JPEG").png) < 120_000


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_three_kinds_are_taken_and_come_out_as_png(kind: str) -> None:
    image = badge(margin=0) if kind != "JPEG" else pictures.corners((300, 200))
    assert opened(sent(image, kind)).format == "PNG"


def test_nothing_but_pixels_is_kept() -> None:
    content = pictures.phone_photo()
    logo = process(BytesIO(content), len(content))
    image = opened(logo)
    assert not image.getexif()
    assert pictures.SECRET_WORDS.encode() not in logo.png
    assert logo.height > logo.width, "turned upright"


def test_the_name_says_content_and_size() -> None:
    first, again, other = sent(badge()), sent(badge()), sent(badge(ink="darkred"))
    assert first.stem == again.stem != other.stem
    assert first.stem.endswith(f"-{first.width}x{first.height}")


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE svg><svg/>',
        b"\n  <html><script>alert(1)</script>",
        b"GIF89a" + b"\x00" * 60,
        b"",
        b"\x89PNG\r\n\x1a\n broken",
        pictures.png_of(30_000, 30_000),
        pictures.jpeg((39, 39)),
        pictures.jpeg((1400, 100)),
        pictures.jpeg((50, 200)),
    ],
    ids=["svg", "svg-xml", "html", "gif", "empty", "broken", "bomb", "small", "wide", "tall"],
)
def test_what_is_no_logo_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(ImageRefused) as refusal:
        process(BytesIO(content), len(content))
    assert len(str(refusal.value)) > 20


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ImageRefused, match="2"):
        process(BytesIO(b""), 3 * 1024 * 1024)


def test_a_white_logo_would_vanish() -> None:
    for image in (badge(ink="white"), Image.new("RGB", (100, 100), "white"), badge(ink="#F4F4F4")):
        with pytest.raises(ImageRefused):
            sent(image)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(ImageRefused):
        sent(Image.new("RGBA", (100, 100), (0, 0, 0, 0)))
