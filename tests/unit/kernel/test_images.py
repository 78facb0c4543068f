"""Photos by content: what is kept is pixels alone; what is no photo gets a sentence."""

import os
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bezpechne.kernel import images, logos
from bezpechne.kernel.images import ImageRefused, Processed, process
from tests import pictures

Colour = tuple[int, int, int]


def done(content: bytes) -> Processed:
    return process(BytesIO(content), len(content))


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    assert image.format == "JPEG"
    return image


def colour(image: Image.Image, x: float, y: float) -> Colour:
    """The colour at a place given in parts of the sides."""
    at = (int(x * (image.width - 1)), int(y * (image.height - 1)))
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def near(one: Colour, other: Colour, by: int = 40) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def undone(image: Image.Image, orientation: int) -> bytes:
    """A JPEG stored turned, whose EXIF says how to turn it back."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = image.transpose(turns[orientation]) if orientation in turns else image
    return pictures.encoded(stored, exif=exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_becomes_upright(orientation: int) -> None:
    made = done(undone(pictures.corners((200, 100)), orientation))
    assert (made.width, made.height) == (200, 100)
    image = opened(made.full)
    assert near(colour(image, 0.05, 0.05), RED)
    assert near(colour(image, 0.95, 0.95), BLUE)


def test_nothing_but_pixels_is_left_of_a_phone_photo() -> None:
    made = done(pictures.phone_photo())
    for content in (made.full, made.thumbnail):
        image = opened(content)
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
            "progressive",
            "progression",
        }
        for secret in (b"Exif", b"Phone of Odarka", pictures.SECRET_WORDS.encode(), b"ICC_PROFILE"):
            assert secret not in content


def test_metadata_of_png_and_webp_goes_too() -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - needed here alone

    text = PngInfo()
    text.add_text("Author", "Phone of Odarka")
    exif = Image.Exif()
    exif[0x010F] = "Phone of Odarka"
    for content in (
        pictures.encoded(pictures.corners(), "PNG", pnginfo=text, exif=exif),
        pictures.encoded(pictures.corners(), "WEBP", exif=exif, xmp=b"Phone of Odarka"),
    ):
        assert b"Odarka" in content
        assert b"Odarka" not in done(content).full


@pytest.mark.parametrize(
    ("size", "full", "thumbnail"),
    [
        ((4000, 3000), (1600, 1200), (400, 300)),
        ((300, 4000), (120, 1600), (30, 400)),
        ((50, 40), (50, 40), (50, 40)),
        ((1, 1), (1, 1), (1, 1)),
        ((6000, 1), (1600, 1), (400, 1)),
    ],
)
def test_sides_are_limited_and_never_enlarged(
    size: tuple[int, int], full: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    made = done(pictures.encoded(Image.new("RGB", size, "green")))
    assert opened(made.full).size == full == (made.width, made.height)
    assert opened(made.thumbnail).size == thumbnail


@pytest.mark.parametrize("content", [pictures.phone_photo(), pictures.heic()], ids=["jpeg", "heic"])
def test_a_phones_photo_stands_upright_and_says_nothing_but_where_it_was_taken(
    content: bytes,
) -> None:
    made = done(content)
    for part in (made.kept, made.full, made.thumbnail):
        assert b"Odarka" not in part
        assert b"Exif" not in part
        image = opened(part)
        assert not image.getexif()
        assert image.size == (100, 200)
        assert near(colour(image, 0.95, 0.05), RED)
    assert made.taken_at == pytest.approx((49 + 35 / 60 + 18 / 3600, 34 + 33 / 60 + 5 / 3600))


def with_gps(**parts: Any) -> bytes:
    exif = Image.Exif()
    values = {"lat_ref": "N", "lat": (49.0, 35.0, 0.0), "lon_ref": "E", "lon": (34.0, 33.0, 0.0)}
    given = [*{**values, **parts}.values()]
    exif.get_ifd(0x8825).update(dict(enumerate(given, 1)))
    return pictures.encoded(pictures.corners(), exif=exif)


def test_south_and_west_are_negative() -> None:
    made = done(with_gps(lat_ref="S", lon_ref="W")).taken_at
    assert made == pytest.approx((-49 - 35 / 60, -34 - 33 / 60))


@pytest.mark.parametrize(
    "parts",
    [
        {"lat": (0.0, 0.0, 0.0), "lon": (0.0, 0.0, 0.0)},
        {"lat": (91.0, 0.0, 0.0)},
        {"lon": (181.0, 0.0, 0.0)},
        {"lat": (49.0,)},
    ],
)
def test_a_position_that_cannot_be_is_none(parts: dict[str, Any]) -> None:
    made = done(with_gps(**parts))
    assert made.taken_at is None
    assert made.full


def test_a_photo_without_a_position_offers_none() -> None:
    assert done(pictures.jpeg()).taken_at is None


def test_an_iphones_48_megapixels_are_read_and_more_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert images.MAX_PIXELS_HEIF >= 8064 * 6048
    monkeypatch.setattr(images, "MAX_PIXELS_HEIF", 200 * 100 - 1)
    with pytest.raises(ImageRefused, match="піксел"):
        done(pictures.heic())


def test_a_logo_is_no_heic() -> None:
    content = pictures.heic(size=(300, 200))
    with pytest.raises(ImageRefused):
        logos.process(BytesIO(content), len(content))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 20, 20))
    options = {"lossless": True} if kind == "WEBP" else {}
    made = opened(done(pictures.encoded(image, kind, **options)).full)
    assert near(colour(made, 0.9, 0.9), WHITE)
    assert near(colour(made, 0.1, 0.1), RED)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG"), ("L", "PNG")],
)
def test_other_colour_modes_are_read(mode: str, kind: str) -> None:
    made = opened(done(pictures.encoded(pictures.corners(mode=mode), kind)).full)
    assert made.mode == "RGB"
    assert near(colour(made, 0.5, 0.5), WHITE)
    assert not near(colour(made, 0.05, 0.05), WHITE)


def test_a_palette_with_a_transparent_colour_is_read() -> None:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([10, 20, 30, 255, 0, 0])
    made = opened(done(pictures.encoded(image, "PNG", transparency=0)).full)
    assert near(colour(made, 0.5, 0.5), WHITE)


def test_16_bits_of_grey_stay_grey() -> None:
    image = Image.new("I;16", (20, 20), 32768)
    made = opened(done(pictures.encoded(image, "PNG")).full)
    assert near(colour(made, 0.5, 0.5), (128, 128, 128))


def test_an_animation_is_its_first_picture() -> None:
    frames = [Image.new("RGB", (30, 30), shade) for shade in ("red", "blue")]
    content = pictures.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert near(colour(opened(done(content).full), 0.5, 0.5), RED)


@pytest.mark.parametrize("tail", [pictures.HTML_TAIL, pictures.ZIP_TAIL, pictures.PDF])
def test_what_is_hidden_behind_a_photo_is_gone(tail: bytes) -> None:
    made = done(pictures.jpeg() + tail)
    assert tail[:12] not in made.full + made.thumbnail


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        pictures.jpeg()[:200],
        pictures.encoded(pictures.corners(), "PNG")[:60],
        pictures.encoded(pictures.corners(), "GIF"),
        pictures.encoded(pictures.corners(), "BMP"),
        pictures.encoded(pictures.corners(), "TIFF"),
        pictures.SVG,
        pictures.HEIC,
        pictures.heic()[:400],
        pictures.PDF,
        pictures.HTML_TAIL,
        pictures.ZIP_TAIL + pictures.jpeg(),
        "просто текст".encode(),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        pictures.png_of(100, 100),
    ],
    ids=lambda content: content[:8].hex() or "empty",
)
def test_what_is_no_photo_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(ImageRefused, match=r"\w{3,}.*\."):
        done(content)


@pytest.mark.parametrize("size", [(20_000, 20_000), (110_000, 1_001), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_a_pixel_is_read(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused):
        done(pictures.png_of(*size))


MEMORY = """
import resource
import sys
from io import BytesIO
import django
from PIL import Image
from bezpechne.kernel.images import process

django.setup()
out = BytesIO()
Image.new("P", (4_990, 4_990)).save(out, "PNG", transparency=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
process(out, len(out.getvalue()))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_small_file_does_not_take_a_gigabyte() -> None:
    """Three of them at once would end a small server."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        env={**os.environ, "PYTHONPATH": "platform", "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert int(done.stdout) < 600, f"{done.stdout.strip()} MB"


def test_more_than_10_mb_is_refused_without_reading() -> None:
    with pytest.raises(ImageRefused, match="10"):
        process(BytesIO(b""), images.MAX_BYTES + 1)


SEEDS = [
    pictures.phone_photo(),
    pictures.encoded(pictures.corners(), "PNG"),
    pictures.encoded(pictures.corners(), "WEBP", exif=Image.Exif()),
    pictures.heic(),
]


@pytest.mark.filterwarnings("ignore")  # Pillow's own about damaged metadata
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=12),
    st.integers(0, 40),
)
def test_a_damaged_photo_is_read_or_refused(
    seed: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    """Never another exception: that would be a page with 500 and a lost text."""
    content = bytearray(seed)
    for place, value in changes:
        content[place % len(content)] = value
    try:
        made = done(bytes(content[: len(content) - cut]))
    except ImageRefused:
        return
    assert max(made.width, made.height) <= images.FULL_SIDE
