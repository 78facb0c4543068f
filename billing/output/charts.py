"""Charts as SVG without a style attribute: colours are classes of the one stylesheet.

Each has a table behind it with the same figures; the picture alone tells a screen reader its title.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Pixels. A column of more than a year's months is narrower, and not each has its label.
HEIGHT, TOP, BOTTOM, RIGHT = 260, 16, 34, 132
WIDE, NARROW, YEAR = 64, 30, 12
LETTER, LABEL, LINE = 8, 52, 18


@dataclass(frozen=True)
class Group:
    """One month: its label under the columns, what was planned, accrued and paid."""

    label: str
    plan: Decimal
    accrued: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Labels:
    """What stands beside the last month instead of a legend, and the title for screen readers."""

    title: str
    plan: str
    accrued: str
    paid: str


def columns(groups: Sequence[Group], labels: Labels) -> SafeString:
    """The plan as an outline, the accrual as a filled column in it, the payment as a line across.

    Negative sums, as corrections can be, are drawn as nothing: the table has them.
    """
    top = nice(max((max(g.plan, g.accrued, g.paid) for g in groups), default=Decimal(0)))
    step = WIDE if len(groups) <= YEAR else NARROW
    left = 16 + LETTER * len(_short(Decimal(top)))
    width = left + step * len(groups) + RIGHT
    every = -(-LABEL // step)
    marks = format_html_join(
        "",
        "{}{}",
        (
            (
                _group(group, left + step * place, step, top),
                _label(group, left + step * place + step // 2) if place % every == 0 else "",
            )
            for place, group in enumerate(groups)
        ),
    )
    return format_html(
        '<svg class="chart__columns" role="img" aria-label="{}" width="{}" height="{}"'
        ' viewBox="0 0 {} {}">{}{}{}</svg>',
        labels.title,
        width,
        HEIGHT,
        width,
        HEIGHT,
        _grid(top, left, width),
        marks,
        _names(groups, labels, top, width) if groups else "",
    )


def nice(value: Decimal) -> int:
    """The end of the axis: 1, 2, 2.5 or 5 times a power of ten, not below the value."""
    if value <= 0:
        return 1
    power = Decimal(10) ** value.adjusted()
    for factor in ("1", "2", "2.5", "5", "10"):
        end = power * Decimal(factor)
        if end >= value:
            return max(int(end), 1)
    return int(power * 10)


def _y(value: Decimal, top: int) -> float:
    """Pixels from the upper edge."""
    room = HEIGHT - TOP - BOTTOM
    part = float(max(value, Decimal(0)) / top)
    return round(TOP + room * (1 - part), 1)


def _grid(top: int, left: int, width: int) -> SafeString:
    ends = [Decimal(top) * part / 2 for part in range(3)]
    return format_html_join(
        "",
        '<line class="chart__grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart__axis" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (left, width - RIGHT, y, y, left - 8, y + 4, _short(end))
            for end in ends
            for y in [_y(end, top)]
        ),
    )


def _short(value: Decimal) -> str:
    """«12 500»: whole hryvnias on the axis."""
    return f"{int(value):,}".replace(",", "\N{NO-BREAK SPACE}")


def _group(group: Group, x: int, step: int, top: int) -> SafeString:
    base, gap = _y(Decimal(0), top), 4
    plan, accrued, paid = (_y(value, top) for value in (group.plan, group.accrued, group.paid))
    wide = step - 2 * gap
    line = format_html(
        '<line class="chart__paid" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        x + 1,
        x + step - 1,
        paid,
        paid,
    )
    return format_html(
        '<rect class="chart__plan" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="chart__accrued" x="{}" y="{}" width="{}" height="{}"/>{}',
        x + gap,
        plan,
        wide,
        round(base - plan, 1),
        x + gap + 4,
        accrued,
        wide - 8,
        round(base - accrued, 1),
        line if group.paid > 0 else "",
    )


def _label(group: Group, x: int) -> SafeString:
    return format_html(
        '<text class="chart__axis" x="{}" y="{}" text-anchor="middle">{}</text>',
        x,
        HEIGHT - BOTTOM + 20,
        group.label,
    )


# A small mark before each name, as it is drawn in the columns.
_SIGNS = {
    "plan": '<rect class="chart__plan" x="{x}" y="{y}" width="12" height="12"/>',
    "accrued": '<rect class="chart__accrued" x="{x}" y="{y}" width="12" height="12"/>',
    "paid": '<line class="chart__paid" x1="{x}" x2="{end}" y1="{middle}" y2="{middle}"/>',
}


def _names(groups: Sequence[Group], labels: Labels, top: int, width: int) -> SafeString:
    """At the height of the last sum of each, pushed apart where they would touch."""
    last = [
        next((value for value in values if value > 0), Decimal(0))
        for values in (
            [group.plan for group in reversed(groups)],
            [group.accrued for group in reversed(groups)],
            [group.paid for group in reversed(groups)],
        )
    ]
    texts = (labels.plan, labels.accrued, labels.paid)
    wanted = sorted(
        (_y(value, top), place, kind, text)
        for place, (value, kind, text) in enumerate(zip(last, _SIGNS, texts, strict=True))
    )
    heights = [max(wanted[0][0], float(TOP))]
    for y, *_rest in wanted[1:]:
        heights.append(max(y, heights[-1] + LINE))
    over = max(heights[-1] - (HEIGHT - BOTTOM), 0.0)
    return format_html_join(
        "",
        "{}",
        (
            (_name(kind, text, width - RIGHT + 10, round(y - over, 1)),)
            for y, (_height, _place, kind, text) in zip(heights, wanted, strict=True)
        ),
    )


def _name(kind: str, text: str, x: int, y: float) -> SafeString:
    sign = format_html(_SIGNS[kind], x=x, y=y - 6, end=x + 12, middle=y)
    return format_html(
        '<g>{}<text class="chart__name" x="{}" y="{}">{}</text></g>', sign, x + 18, y + 4, text
    )


@dataclass(frozen=True)
class Bar:
    """`part`: of the longest bar, 0 to 100. `url` blank: leads nowhere."""

    label: str
    text: str
    part: int
    url: str = ""


def bars(rows: Sequence[tuple[str, str, Decimal | int | None, str]]) -> list[Bar]:
    """From label, shown value, value and address; unknown and negative values have no length."""
    longest = max((value for _label, _text, value, _url in rows if value), default=0)
    return [
        Bar(label, text, round(max(value or 0, 0) * 100 / longest) if longest > 0 else 0, url)
        for label, text, value, url in rows
    ]
