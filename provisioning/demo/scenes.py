"""What stands in front of the houses of a demo's photo; drawn with plain shapes."""

import random
from dataclasses import dataclass

from PIL import ImageDraw

Colour = tuple[int, int, int]
PAVEMENT, ASPHALT, GRASS = (156, 154, 148), (78, 80, 84), (104, 138, 84)
WIDTH, HEIGHT = 960, 720


@dataclass(frozen=True)
class Canvas:
    """960 × 720 pixels; houses end at `ground`; `shade` 1 by day, less towards the night."""

    draw: ImageDraw.ImageDraw
    dice: random.Random
    ground: int
    shade: float

    def paint(self, colour: Colour) -> Colour:
        return shaded(colour, self.shade)

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        self.draw.rectangle([left, top, right, bottom], fill=self.paint(colour))


def shaded(colour: Colour, part: float) -> Colour:
    """Darker: `part` of the light is left."""
    red, green, blue = (round(value * part) for value in colour)
    return red, green, blue


def _street(canvas: Canvas) -> None:
    canvas.box(0, canvas.ground, WIDTH, 560, PAVEMENT)
    for x in range(canvas.dice.randint(0, 60), WIDTH, 74):
        canvas.draw.line([x, canvas.ground, x - 24, 560], fill=canvas.paint((140, 138, 132)))
    canvas.box(0, 560, WIDTH, 570, (186, 184, 178))
    canvas.box(0, 570, WIDTH, HEIGHT, ASPHALT)
    for x in range(canvas.dice.randint(0, 80), WIDTH, 150):
        canvas.box(x, 650, x + 80, 658, (222, 222, 214))


def _lawn(canvas: Canvas) -> None:
    canvas.box(0, canvas.ground, WIDTH, HEIGHT, GRASS)
    for _ in range(160):
        x, y = canvas.dice.randint(0, WIDTH), canvas.dice.randint(canvas.ground, HEIGHT)
        canvas.draw.line([x, y, x + 3, y - 12], fill=canvas.paint((86, 120, 70)), width=2)


def _car(canvas: Canvas, x: int, y: int, colour: Colour, *, blue_light: bool = False) -> None:
    """`y` is where the wheels stand."""
    body, glass = canvas.paint(colour), canvas.paint((150, 178, 196))
    canvas.draw.ellipse([x - 6, y - 6, x + 236, y + 10], fill=canvas.paint((50, 50, 54)))
    canvas.draw.rounded_rectangle([x, y - 66, x + 230, y - 12], 20, fill=body)
    canvas.draw.polygon(
        [(x + 44, y - 64), (x + 74, y - 108), (x + 162, y - 108), (x + 196, y - 64)], fill=body
    )
    canvas.draw.polygon(
        [(x + 58, y - 66), (x + 80, y - 100), (x + 114, y - 100), (x + 114, y - 66)], fill=glass
    )
    canvas.draw.polygon(
        [(x + 122, y - 66), (x + 122, y - 100), (x + 156, y - 100), (x + 180, y - 66)], fill=glass
    )
    for wheel in (x + 52, x + 178):
        canvas.draw.ellipse([wheel - 24, y - 30, wheel + 24, y + 10], fill=(26, 26, 30))
        canvas.draw.ellipse([wheel - 10, y - 18, wheel + 10, y], fill=(128, 130, 134))
    canvas.draw.ellipse([x + 216, y - 52, x + 230, y - 40], fill=(250, 236, 180))
    if blue_light:
        canvas.draw.rounded_rectangle([x + 96, y - 122, x + 142, y - 108], 5, fill=(50, 110, 240))


def _any_colour(canvas: Canvas) -> Colour:
    return canvas.dice.choice(
        [(168, 44, 44), (46, 78, 130), (226, 226, 226), (60, 62, 66), (84, 116, 92), (196, 170, 96)]
    )


def _post(canvas: Canvas, x: int, top: int, foot: int) -> None:
    canvas.box(x - 5, top, x + 5, foot, (112, 116, 120))


def _tree(canvas: Canvas, x: int, foot: int) -> None:
    canvas.box(x - 9, foot - 120, x + 9, foot, (104, 82, 62))
    green = canvas.paint(canvas.dice.choice([(92, 128, 72), (112, 136, 70), (170, 130, 60)]))
    for dx, dy, radius in ((-40, -150, 56), (34, -160, 60), (0, -204, 62)):
        canvas.draw.ellipse(
            [x + dx - radius, foot + dy - radius, x + dx + radius, foot + dy + radius], fill=green
        )


def parked_cars(canvas: Canvas) -> None:
    """On the pavement, where people should walk."""
    _street(canvas)
    start = canvas.dice.randint(-60, 80)
    for number in range(canvas.dice.randint(2, 4)):
        _car(canvas, start + number * 262, 552 + canvas.dice.randint(-8, 10), _any_colour(canvas))
    if canvas.dice.random() < 0.5:
        _car(canvas, canvas.dice.randint(80, 600), 690, _any_colour(canvas))


def _lights(canvas: Canvas, x: int, *, on: bool) -> None:
    _post(canvas, x, 250, 556)
    canvas.draw.rounded_rectangle([x - 26, 230, x + 26, 372], 12, fill=(36, 38, 42))
    colours = [(226, 66, 54), (236, 190, 60), (82, 196, 104)]
    lit = canvas.dice.randrange(3) if on else -1
    for number, colour in enumerate(colours):
        y = 258 + number * 43
        shown = colour if number == lit else shaded(colour, 0.25)
        canvas.draw.ellipse([x - 17, y - 17, x + 17, y + 17], fill=shown)


def crossing(canvas: Canvas) -> None:
    """A zebra, lights and a car that does not wait."""
    _street(canvas)
    left = canvas.dice.randint(240, 420)
    for number in range(6):
        x = left + number * 46
        points = [(x, 574), (x + 26, 574), (x + 4, 716), (x - 30, 716)]
        canvas.draw.polygon(points, fill=canvas.paint((228, 228, 222)))
    _lights(canvas, left + canvas.dice.choice([-60, 330]), on=True)
    _car(canvas, left + canvas.dice.randint(-260, 210), 690, _any_colour(canvas))


def road_sign(canvas: Canvas) -> None:
    """A sign that leans or hides, or lights that went out."""
    _street(canvas)
    x = canvas.dice.randint(260, 660)
    kind = canvas.dice.choice(["round", "triangle", "lights", "blue"])
    if kind == "lights":
        _lights(canvas, x, on=False)
        return
    _post(canvas, x, 300, 556)
    if kind == "round":
        canvas.draw.ellipse([x - 62, 214, x + 62, 338], fill=canvas.paint((200, 40, 40)))
        canvas.draw.rectangle([x - 42, 262, x + 42, 290], fill=canvas.paint((240, 240, 240)))
    elif kind == "triangle":
        canvas.draw.polygon(
            [(x, 208), (x - 76, 336), (x + 76, 336)], fill=canvas.paint((200, 40, 40))
        )
        canvas.draw.polygon(
            [(x, 242), (x - 48, 322), (x + 48, 322)], fill=canvas.paint((244, 240, 226))
        )
    else:
        canvas.draw.rounded_rectangle(
            [x - 64, 216, x + 64, 340], 10, fill=canvas.paint((34, 92, 170))
        )
        canvas.draw.polygon(
            [(x, 236), (x - 38, 320), (x + 38, 320)], fill=canvas.paint((240, 240, 240))
        )
    _tree(canvas, x + canvas.dice.choice([-110, 74]), 556)


def pothole(canvas: Canvas) -> None:
    """Broken asphalt, with water in it after rain."""
    canvas.box(0, canvas.ground, WIDTH, HEIGHT, ASPHALT)
    for _ in range(canvas.dice.randint(1, 3)):
        x, y = canvas.dice.randint(140, 700), canvas.dice.randint(540, 640)
        wide, high = canvas.dice.randint(90, 170), canvas.dice.randint(28, 56)
        canvas.draw.ellipse(
            [x - wide, y - high, x + wide, y + high], fill=canvas.paint((52, 52, 56))
        )
        inner = (116, 138, 156) if canvas.dice.random() < 0.6 else (92, 78, 64)
        canvas.draw.ellipse(
            [x - wide + 18, y - high + 12, x + wide - 14, y + high - 6], fill=canvas.paint(inner)
        )
        for _stone in range(14):
            sx, sy = x + canvas.dice.randint(-wide, wide), y + canvas.dice.randint(-high, high + 16)
            canvas.draw.ellipse([sx, sy, sx + 12, sy + 8], fill=canvas.paint((126, 122, 116)))
    canvas.box(0, canvas.ground, WIDTH, canvas.ground + 12, (176, 174, 168))


def stall(canvas: Canvas) -> None:
    """A striped awning above boxes of vegetables."""
    _street(canvas)
    left = canvas.dice.randint(180, 460)
    first = canvas.dice.choice([(196, 60, 52), (58, 116, 78), (52, 92, 160)])
    for number in range(8):
        colour = first if number % 2 else (238, 236, 228)
        x = left + number * 40
        canvas.draw.polygon(
            [(x + 14, 300), (x + 46, 300), (x + 40, 364), (x, 364)], fill=canvas.paint(colour)
        )
    for x in (left + 8, left + 316):
        _post(canvas, x, 360, 556)
    for number in range(5):
        x = left + 12 + number * 62
        canvas.box(x, 488, x + 56, 540, (166, 124, 76))
        fruit = canvas.dice.choice([(206, 62, 44), (228, 168, 54), (104, 148, 62), (112, 60, 120)])
        for dot in range(9):
            fx, fy = x + 4 + dot % 5 * 10, 478 + dot // 5 * 10
            canvas.draw.ellipse([fx, fy, fx + 13, fy + 13], fill=canvas.paint(fruit))


def loud_window(canvas: Canvas) -> None:
    """One window that does not sleep."""
    canvas.box(0, 60, WIDTH, HEIGHT, (150, 132, 120))
    for y in range(110, 690, 150):
        for x in range(70, 900, 170):
            canvas.box(x, y, x + 96, y + 106, (58, 62, 78))
            canvas.box(x + 45, y, x + 50, y + 106, (120, 112, 108))
    column, row = canvas.dice.randint(1, 3), canvas.dice.randint(1, 2)
    x, y = 70 + column * 170, 110 + row * 150
    canvas.draw.rectangle([x, y, x + 96, y + 106], fill=(250, 220, 130))
    for number in range(1, 5):
        reach = number * 26
        canvas.draw.arc(
            [x + 48 - reach, y + 53 - reach, x + 48 + reach, y + 53 + reach], -55, 55,
            fill=(250, 226, 160), width=5,
        )  # fmt: skip


def bench(canvas: Canvas) -> None:
    """Bottles under a bench."""
    _lawn(canvas)
    canvas.box(0, 600, WIDTH, HEIGHT, (150, 142, 128))
    x = canvas.dice.randint(200, 480)
    for y in (470, 496, 540):
        canvas.box(x, y, x + 290, y + 16, (136, 96, 60))
    for leg in (x + 24, x + 256):
        canvas.box(leg, 470, leg + 12, 610, (58, 60, 64))
    for _ in range(canvas.dice.randint(3, 7)):
        bx = x + canvas.dice.randint(-50, 330)
        canvas.box(bx, 586, bx + 16, 630, (60, 110, 74))
        canvas.box(bx + 5, 568, bx + 11, 590, (60, 110, 74))
    _tree(canvas, x + canvas.dice.choice([-120, 400]), 560)


def scribbled_wall(canvas: Canvas) -> None:
    """Strokes that nobody could read as a name or a number."""
    _street(canvas)
    canvas.box(90, 190, 870, canvas.ground + 14, (182, 164, 146))
    for y in range(210, 480, 30):
        canvas.draw.line([90, y, 870, y], fill=canvas.paint((164, 146, 130)), width=2)
    for _ in range(canvas.dice.randint(2, 4)):
        x, y = canvas.dice.randint(130, 640), canvas.dice.randint(250, 420)
        colour = canvas.dice.choice([(40, 40, 46), (150, 40, 60), (44, 70, 140)])
        points = [
            (x + step * 26, y + canvas.dice.randint(-26, 26))
            for step in range(canvas.dice.randint(5, 9))
        ]
        canvas.draw.line(points, fill=canvas.paint(colour), width=9, joint="curve")


def dog(canvas: Canvas) -> None:
    """One or more of them, without a leash."""
    _lawn(canvas)
    for number in range(canvas.dice.randint(1, 3)):
        x, y = 150 + number * 260 + canvas.dice.randint(-30, 60), canvas.dice.randint(590, 660)
        colour = canvas.paint(canvas.dice.choice([(92, 66, 46), (52, 50, 50), (176, 140, 96)]))
        canvas.draw.ellipse([x, y - 92, x + 150, y - 32], fill=colour)
        canvas.draw.ellipse([x + 122, y - 136, x + 186, y - 80], fill=colour)
        canvas.draw.ellipse([x + 166, y - 116, x + 208, y - 88], fill=colour)
        canvas.draw.polygon(
            [(x + 128, y - 120), (x + 134, y - 160), (x + 156, y - 130)], fill=colour
        )
        canvas.draw.line([x + 8, y - 74, x - 34, y - 116], fill=colour, width=12)
        for leg in (22, 46, 104, 128):
            canvas.draw.rectangle([x + leg, y - 48, x + leg + 13, y + 8], fill=colour)
    _tree(canvas, canvas.dice.choice([90, 860]), 540)


def lone_wheel(canvas: Canvas) -> None:
    """What is left of a bicycle that was locked to a rack."""
    _street(canvas)
    x = canvas.dice.randint(240, 560)
    for rack in range(3):
        left = x + rack * 110
        canvas.draw.arc(
            [left, 400, left + 80, 560], 180, 360, fill=canvas.paint((96, 100, 104)), width=9
        )
        canvas.box(left, 478, left + 9, 546, (96, 100, 104))
        canvas.box(left + 71, 478, left + 80, 546, (96, 100, 104))
    canvas.draw.ellipse([x - 34, 420, x + 100, 554], outline=(30, 30, 34), width=9)
    for dx, dy in ((60, 0), (42, 42), (0, 60), (42, -42)):
        canvas.draw.line(
            [x + 33 - dx, 487 - dy, x + 33 + dx, 487 + dy], fill=(120, 122, 126), width=2
        )
    canvas.draw.arc([x + 54, 470, x + 116, 532], 0, 320, fill=canvas.paint((200, 150, 40)), width=8)


def telephone(canvas: Canvas) -> None:
    """A message on a screen, its words out of focus."""
    canvas.box(0, 0, WIDTH, HEIGHT, (146, 112, 84))
    for y in range(canvas.dice.randint(10, 60), HEIGHT, 92):
        canvas.draw.line([0, y, WIDTH, y + 26], fill=canvas.paint((128, 96, 72)), width=5)
    x = canvas.dice.randint(260, 420)
    canvas.draw.rounded_rectangle([x, 60, x + 320, 680], 36, fill=(26, 28, 34))
    canvas.draw.rounded_rectangle([x + 16, 84, x + 304, 656], 20, fill=(236, 240, 244))
    y = 120
    while y < 560:
        own, high = canvas.dice.random() < 0.3, canvas.dice.randint(46, 116)
        left = x + (110 if own else 32)
        canvas.draw.rounded_rectangle(
            [left, y, left + 176, y + high], 14, fill=(186, 220, 190) if own else (255, 255, 255)
        )
        for line in range(y + 14, y + high - 10, 20):
            end = left + canvas.dice.randint(90, 158)
            canvas.draw.rectangle([left + 14, line, end, line + 8], fill=(150, 158, 168))
        y += high + 18


def patrol_car(canvas: Canvas) -> None:
    _street(canvas)
    x = canvas.dice.randint(120, 540)
    _car(canvas, x, canvas.dice.choice([556, 690]), (238, 240, 244), blue_light=True)
    _lights(canvas, canvas.dice.choice([70, 880]), on=True)


def dark_lamp(canvas: Canvas) -> None:
    """Steps down into the dark, and a lamp that gives no light."""
    canvas.box(0, canvas.ground, WIDTH, HEIGHT, (92, 90, 92))
    left = canvas.dice.randint(220, 420)
    for step in range(7):
        y = canvas.ground + 10 + step * 34
        tone = 150 - step * 16
        canvas.box(left - step * 16, y, left + 320 + step * 16, y + 30, (tone, tone, tone))
    x = left + canvas.dice.choice([-90, 420])
    _post(canvas, x, 190, 600)
    canvas.draw.line([x, 194, x + 70, 178], fill=canvas.paint((112, 116, 120)), width=9)
    canvas.draw.ellipse([x + 56, 168, x + 110, 194], fill=canvas.paint((70, 72, 78)))


def crane(canvas: Canvas) -> None:
    """A fence, a crane, a heap of sand."""
    x, yellow = canvas.dice.randint(200, 620), canvas.paint((222, 172, 48))
    canvas.draw.line([x, 40, x, canvas.ground], fill=yellow, width=12)
    canvas.draw.line([x - 150, 84, x + 300, 84], fill=yellow, width=9)
    canvas.draw.line([x, 40, x + 300, 84], fill=yellow, width=3)
    canvas.draw.line([x + 220, 84, x + 220, 250], fill=(60, 60, 64), width=3)
    canvas.box(x + 188, 250, x + 252, 290, (150, 120, 96))
    canvas.box(0, canvas.ground, WIDTH, HEIGHT, (148, 132, 108))
    heap = canvas.dice.randint(60, 560)
    canvas.draw.polygon(
        [(heap, 660), (heap + 170, 520), (heap + 340, 660)], fill=canvas.paint((198, 174, 126))
    )
    for left in range(-20, WIDTH, 96):
        canvas.box(left, canvas.ground - 86, left + 88, canvas.ground + 26, (92, 124, 150))
        canvas.box(left + 40, canvas.ground - 86, left + 46, canvas.ground + 26, (78, 106, 130))


def closed_door(canvas: Canvas) -> None:
    """An office whose hours are on the door."""
    canvas.box(0, 0, WIDTH, 600, (196, 184, 164))
    canvas.box(0, 600, WIDTH, HEIGHT, PAVEMENT)
    x = canvas.dice.randint(240, 480)
    canvas.box(x - 16, 120, x + 276, 600, (120, 110, 98))
    canvas.box(
        x, 136, x + 260, 600, canvas.dice.choice([(62, 84, 112), (104, 74, 52), (70, 92, 78)])
    )
    canvas.box(x + 60, 220, x + 200, 400, (240, 238, 230))
    for line in range(246, 380, 24):
        end = x + canvas.dice.randint(130, 184)
        canvas.box(x + 76, line, end, line + 8, (110, 116, 124))
    canvas.draw.ellipse([x + 216, 420, x + 236, 440], fill=(206, 180, 90))


def paper(canvas: Canvas) -> None:
    """A sheet with a stamp; its lines say nothing."""
    canvas.box(
        0, 0, WIDTH, HEIGHT, canvas.dice.choice([(138, 104, 76), (108, 116, 124), (92, 110, 96)])
    )
    x, y = canvas.dice.randint(220, 360), canvas.dice.randint(30, 70)
    canvas.draw.polygon(
        [(x, y), (x + 400, y + 14), (x + 384, 700), (x - 16, 686)], fill=(246, 244, 236)
    )
    canvas.box(x + 130, y + 50, x + 270, y + 66, (90, 94, 102))
    for line in range(y + 110, 560, 30):
        end = x + canvas.dice.randint(240, 350)
        canvas.box(x + 40, line, end, line + 7, (150, 152, 156))
    canvas.draw.ellipse([x + 230, 560, x + 330, 660], outline=(60, 90, 170), width=7)
    canvas.draw.ellipse([x + 252, 582, x + 308, 638], outline=(60, 90, 170), width=4)


def shelter(canvas: Canvas) -> None:
    """A way down under a house, with an arrow."""
    _street(canvas)
    x = canvas.dice.randint(180, 560)
    canvas.box(x, 300, x + 240, 556, (134, 128, 120))
    canvas.draw.polygon(
        [(x - 18, 300), (x + 258, 300), (x + 232, 258), (x + 8, 258)],
        fill=canvas.paint((96, 92, 88)),
    )
    canvas.box(x + 40, 352, x + 200, 556, (34, 34, 38))
    canvas.box(x - 130, 320, x - 24, 386, (228, 196, 60))
    canvas.draw.polygon(
        [(x - 112, 344), (x - 66, 344), (x - 66, 330), (x - 36, 353), (x - 66, 376), (x - 66, 362), (x - 112, 362)],
        fill=(32, 34, 38),
    )  # fmt: skip


def pond(canvas: Canvas) -> None:
    _lawn(canvas)
    x, y = canvas.dice.randint(300, 560), canvas.dice.randint(590, 640)
    canvas.draw.ellipse([x - 300, y - 66, x + 300, y + 66], fill=canvas.paint((108, 146, 172)))
    for _ in range(7):
        left = x + canvas.dice.randint(-220, 160)
        top = y + canvas.dice.randint(-40, 40)
        canvas.draw.line([left, top, left + 46, top], fill=canvas.paint((160, 188, 206)), width=3)
    for tree in range(3):
        _tree(canvas, 90 + tree * 370 + canvas.dice.randint(-40, 60), 540)
