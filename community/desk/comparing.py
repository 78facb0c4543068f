"""What somebody else has saved meanwhile, beside what the person typed."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _


def differences(form: forms.BaseForm, saved: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and saved values of the fields that differ from what was sent."""
    found = []
    for name, value in saved.items():
        field = form[name]
        if str(field.value() or "") != str(value or ""):
            told = _told(field.field, value)
            found.append((str(field.label), str(told or _("empty"))))
    return found


def _told(field: forms.Field, value: Any) -> Any:
    """A value as the form names it."""
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        return rows.filter(pk=value).first() if value else ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = getattr(field, "choices", None)
    return dict(choices).get(value, value) if choices else value


def carry(form: forms.BaseForm, seen: str | int) -> None:
    """The form as it was sent, with the version that its page shows now."""
    typed = cast("QueryDict", form.data).copy()
    typed[form.add_prefix("seen")] = str(seen)
    form.data = typed


def differing(saved: Mapping[str, Any], form: forms.BaseForm) -> list[tuple[Any, str, str]]:
    """Label, saved and typed of each field in which the two differ."""
    rows = []
    for bound in form:
        if bound.name == "seen" or bound.name not in saved:
            continue
        theirs, ours = _shown(saved[bound.name]), _shown(form.cleaned_data.get(bound.name))
        if theirs != ours:
            rows.append((_("The pin") if bound.is_hidden else bound.label, theirs, ours))
    return rows


def _shown(value: Any) -> str:
    """A field's value in words."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.5f}"
    if isinstance(value, str | int):
        return str(value)
    if hasattr(value, "__iter__"):
        return ", ".join(sorted(f"№ {getattr(item, 'pk', item)}" for item in value))
    return str(value)
