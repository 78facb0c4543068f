"""`{% url_if name args… %}`: a path, or blank where the installation has no such page."""

from django import template

from provisioning.console.links import maybe

register = template.Library()


@register.simple_tag
def url_if(name: str, *args: object) -> str:
    """For pages that are built apart from this one."""
    return maybe(name, *args)
