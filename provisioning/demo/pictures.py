"""Photos drawn by code: a street at some hour, different for each seed. No real place, no person."""

import random
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

_SKIES = [
    ((120, 170, 215), (225, 235, 240)),
    ((60, 75, 110), (220, 150, 110)),
    ((25, 32, 52), (60, 70, 95)),
]
_WALLS = [(186, 160, 132), (150, 140, 130), (170, 120, 100), (140, 150, 160), (200, 190, 170)]


def _sky(draw: ImageDraw.ImageDraw, size: tuple[int, int], dice: random.Random) -> None:
    top, bottom = dice.choice(_SKIES)
    for y in range(size[1]):
        part = y / size[1]
        colour = tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True))
        draw.line([(0, y), (size[0], y)], fill=colour)


def _house(
    draw: ImageDraw.ImageDraw, left: int, width: int, ground: int, dice: random.Random
) -> None:
    height = dice.randint(220, 460)
    wall = dice.choice(_WALLS)
    draw.rectangle([left, ground - height, left + width, ground], fill=wall)
    dark = tuple(round(part * 0.45) for part in wall)
    for y in range(ground - height + 24, ground - 50, 54):
        for x in range(left + 18, left + width - 30, 46):
            lit = dice.random() < 0.2
            draw.rectangle([x, y, x + 24, y + 34], fill=(240, 214, 140) if lit else dark)


def street(seed: int) -> "ContentFile[bytes]":
    """A JPEG of 1200 × 900 pixels."""
    dice = random.Random(seed)  # noqa: S311 - a picture, not a secret
    size = (1200, 900)
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    _sky(draw, size, dice)
    ground, left = 620, -40
    while left < size[0]:
        width = dice.randint(130, 260)
        _house(draw, left, width, ground, dice)
        left += width + dice.choice([0, 0, 30])
    draw.rectangle([0, ground, size[0], 690], fill=(150, 148, 142))
    draw.rectangle([0, 690, size[0], size[1]], fill=(74, 76, 80))
    for x in range(dice.randint(0, 90), size[0], 170):
        draw.rectangle([x, 790, x + 90, 800], fill=(220, 220, 214))
    for _ in range(dice.randint(1, 4)):
        x, colour = (
            dice.randint(40, 1000),
            dice.choice([(160, 40, 40), (40, 70, 120), (230, 230, 230)]),
        )
        draw.rounded_rectangle([x, 680, x + 190, 740], 18, fill=colour)
        draw.rounded_rectangle([x + 35, 645, x + 150, 690], 14, fill=tuple(c // 2 for c in colour))
        for wheel in (x + 40, x + 150):
            draw.ellipse([wheel - 20, 720, wheel + 20, 760], fill=(25, 25, 28))
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return ContentFile(out.getvalue(), name=f"street-{seed}.jpg")
