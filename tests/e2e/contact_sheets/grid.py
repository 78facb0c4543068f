"""Pictures of pages, a dozen on a sheet."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

A_SHEET = 12
# Width of the window → columns of a sheet, width of a picture on it in pixels.
COLUMNS = {360: (6, 300), 1280: (4, 480)}
# What is below is cut off, in heights of the window's width.
TALLEST = {360: 4.0, 1280: 1.5}
_LABEL, _GAP = 22, 12


def sheets(pictures: list[tuple[str, Path]], width: int, stem: Path) -> list[Path]:
    """Writes `<stem>-1.png` and so on, in the order of the pictures, each under its name."""
    made = []
    for start in range(0, len(pictures), A_SHEET):
        path = stem.with_name(f"{stem.name}-{start // A_SHEET + 1}.png")
        _sheet(pictures[start : start + A_SHEET], width).save(path)
        made.append(path)
    return made


def _small(path: Path, width: int) -> Image.Image:
    target = COLUMNS[width][1]
    with Image.open(path) as picture:
        height = min(picture.height, int(width * TALLEST[width]))
        cut = picture.convert("RGB").crop((0, 0, picture.width, height))
    return cut.resize((target, max(1, height * target // cut.width)), Image.Resampling.LANCZOS)


def _sheet(pictures: list[tuple[str, Path]], width: int) -> Image.Image:
    columns, wide = COLUMNS[width]
    small = [(name, _small(path, width)) for name, path in pictures]
    rows = [small[start : start + columns] for start in range(0, len(small), columns)]
    heights = [max(picture.height for _, picture in row) + _LABEL + _GAP for row in rows]
    sheet = Image.new("RGB", (columns * (wide + _GAP) + _GAP, sum(heights) + _GAP), "#808080")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    top = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, (name, picture) in enumerate(row):
            left = _GAP + column * (wide + _GAP)
            draw.text((left, top), name, fill="white", font=font)
            sheet.paste(picture, (left, top + _LABEL))
        top += height
    return sheet
