"""`hours`: minutes as «1,5»; `activity`: its name in words."""

from typing import Any

from django import template

from bezpechne.kernel.activities import Activity
from community.timesheet.wording import hours_text

register = template.Library()


@register.filter
def hours(minutes: int) -> str:
    return hours_text(minutes)


@register.filter
def activity(value: str) -> Any:
    return Activity(value).label
