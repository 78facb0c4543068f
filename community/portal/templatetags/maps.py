"""`{% place_map question as map %}`: what components/map_attributes.html needs for one place."""

from typing import Any

from django import template

from community.portal.maps import map_data
from community.questions.models import Question
from tenants.current import current_city

register = template.Library()


@register.simple_tag
def place_map(question: Question) -> dict[str, Any]:
    """The city's map, looking at the question's place."""
    return {**map_data(current_city()), "lat": question.lat, "lon": question.lon, "zoom": 16}
