"""What somebody else has saved meanwhile, beside what the person typed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _


def differences(form: forms.BaseForm, saved: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and saved values of the fields that differ from what was sent."""
    found = []
    for name, value in saved.items():
        field = form[name]
        if str(field.value() or "") != str(value or ""):
            choices = getattr(field.field, "choices", None)
            told = dict(choices).get(value, value) if choices else value
            found.append((str(field.label), str(told or _("empty"))))
    return found
