"""Photos drawn by code: a place by the topic of its question, different for each seed.

No real place, no person. `scenes.py` has what stands in front of the houses.
"""

import random
from collections.abc import Callable
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from provisioning.demo import scenes
from provisioning.demo.scenes import Canvas, Colour

SIZE = (960, 720)
GROUND = 470
DAY = ((120, 170, 215), (228, 236, 240))
MORNING = ((150, 170, 190), (236, 214, 190))
EVENING = ((60, 75, 110), (220, 150, 110))
NIGHT = ((18, 24, 42), (48, 56, 82))
_WALLS: list[Colour] = [
    (186, 160, 132),
    (150, 140, 130),
    (170, 120, 100),
    (140, 150, 160),
    (200, 190, 170),
    (158, 172, 158),
]
# What is in front, and at which hours it happens.
_SCENES: dict[str, tuple[Callable[[Canvas], None], list[tuple[Colour, Colour]]]] = {
    "parking": (scenes.parked_cars, [DAY, MORNING, EVENING]),
    "traffic": (scenes.crossing, [DAY, MORNING, EVENING]),
    "road_infra": (scenes.road_sign, [DAY, MORNING, EVENING]),
    "road_surface": (scenes.pothole, [DAY, MORNING]),
    "trade": (scenes.stall, [DAY, MORNING]),
    "noise": (scenes.loud_window, [NIGHT]),
    "public_order": (scenes.bench, [EVENING, NIGHT]),
    "drugs": (scenes.scribbled_wall, [DAY, EVENING]),
    "dogs": (scenes.dog, [DAY, MORNING]),
    "property": (scenes.lone_wheel, [DAY, MORNING]),
    "fraud": (scenes.telephone, [EVENING]),
    "patrol": (scenes.patrol_car, [DAY, EVENING, NIGHT]),
    "unsafe_place": (scenes.dark_lamp, [NIGHT, EVENING]),
    "construction": (scenes.crane, [DAY, MORNING]),
    "officer_work": (scenes.closed_door, [DAY]),
    "documents": (scenes.paper, [DAY]),
    "wartime": (scenes.shelter, [MORNING, EVENING]),
    "other": (scenes.pond, [DAY, MORNING]),
}


def _sky(top: Colour, bottom: Colour) -> Image.Image:
    gradient = Image.linear_gradient("L").resize(SIZE)
    return ImageOps.colorize(gradient, black=top, white=bottom)


def _house(canvas: Canvas, left: int, width: int, shade: float) -> None:
    """Windows are lit the more, the darker it is."""
    height = canvas.dice.randint(170, 380)
    wall = scenes.shaded(canvas.dice.choice(_WALLS), shade)
    canvas.draw.rectangle([left, GROUND - height, left + width, GROUND], fill=wall)
    canvas.draw.rectangle(
        [left, GROUND - height, left + width, GROUND - height + 8], fill=scenes.shaded(wall, 0.7)
    )
    dark = scenes.shaded(wall, 0.45)
    for y in range(GROUND - height + 22, GROUND - 42, 44):
        for x in range(left + 14, left + width - 26, 38):
            lit = canvas.dice.random() < (0.45 if shade < 0.6 else 0.08)
            canvas.draw.rectangle([x, y, x + 20, y + 28], fill=(242, 214, 140) if lit else dark)


def scene(topic: str, seed: int) -> "ContentFile[bytes]":
    """A JPEG of 960 × 720 pixels; an unknown topic gets what `other` has."""
    front, hours = _SCENES.get(topic, _SCENES["other"])
    dice = random.Random(f"{topic}:{seed}")  # noqa: S311 - a picture, not a secret
    top, bottom = dice.choice(hours)
    shade = {NIGHT[0]: 0.4, EVENING[0]: 0.7}.get(top, 1.0)
    image = _sky(top, bottom)
    canvas = Canvas(ImageDraw.Draw(image), dice, GROUND, shade)
    left = dice.randint(-90, -20)
    while left < SIZE[0]:
        width = dice.randint(110, 220)
        _house(canvas, left, width, shade)
        left += width + dice.choice([0, 0, 24])
    front(canvas)
    out = BytesIO()
    # Lines drawn pixel by pixel have steps; a photo has none.
    image.filter(ImageFilter.SMOOTH).save(out, "JPEG", quality=82)
    return ContentFile(out.getvalue(), name=f"{topic}-{seed}.jpg")
