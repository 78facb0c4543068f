"""Filters of question pages: `first_words`, `ago`, `distance`."""

from datetime import datetime, timedelta

from django import template
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bezpechne.kernel import clock
from community.questions.queries import first_words as beginning

register = template.Library()


@register.filter
def first_words(text: str, length: int = 90) -> str:
    """The beginning of a text, at most `length` characters, cut between words."""
    return beginning(text, length)


@register.filter
def ago(moment: datetime | None) -> str:
    """«щойно», «5 хвилин тому», «вчора о 10:15», «12 листопада 2026 р.»."""
    if moment is None:
        return ""
    passed = clock.now() - moment
    if passed < timedelta(minutes=2):
        return _("just now")
    if passed < timedelta(hours=1):
        minutes = int(passed.total_seconds() // 60)
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if passed < timedelta(hours=24):
        hours = int(passed.total_seconds() // 3600)
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    if passed < timedelta(days=14):
        return ngettext("%(n)d day ago", "%(n)d days ago", passed.days) % {"n": passed.days}
    return date_format(localtime(moment), "DATE_FORMAT")


@register.filter
def distance(metres: int) -> str:
    """«за 350 м», «за 2,4 км»; nearer than where the visitor stands is known to."""
    if metres < 100:
        return _("less than 100 m away")
    if metres < 1000:
        return _("%(n)s m away") % {"n": round(metres, -1)}
    return _("%(n)s km away") % {"n": number_format(metres / 1000, decimal_pos=1)}
