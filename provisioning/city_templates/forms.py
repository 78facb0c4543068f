"""A template as three lists that are typed, one line each: quick to reorder, works everywhere."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.questions.forms import TextField
from provisioning.city_templates.contents import (
    ZOOMS,
    Contents,
    TopicLine,
    UnitLine,
    problems,
)

SEPARATOR = "|"


class LinesField(TextField):
    """Three parts in each line; empty lines do not count."""

    def __init__(self, make: Callable[[str, str, str], Any], rows: int, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "lines"})
        super().__init__(widget=widget, max_length=20_000, **kwargs)
        self._make = make

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        lines = enumerate(str(text).splitlines(), start=1)
        return tuple(self._read(number, line) for number, line in lines if line.strip())

    def _read(self, number: int, line: str) -> Any:
        parts = [" ".join(part.split()) for part in line.split(SEPARATOR)]
        if len(parts) != 3:
            raise ValidationError(
                _(
                    "Line %(number)d: three parts with %(sign)s between them are needed, there are %(parts)d."
                )
                % {"number": number, "sign": SEPARATOR, "parts": len(parts)}
            )
        return self._make(*parts)


def _topic(code: str, name_uk: str, name_en: str) -> TopicLine:
    return TopicLine(code=code, name_uk=name_uk, name_en=name_en)


def _unit(kind: str, name_uk: str, name_en: str) -> UnitLine:
    return UnitLine(kind=kind, name_uk=name_uk, name_en=name_en)


def _words(key: str, uk: str, en: str) -> tuple[str, dict[str, str]]:
    return key, {"uk": uk, "en": en}


class NameForm(forms.Form):
    """What operators call a copy."""

    name_uk = TextField(label=gettext_lazy("Name in Ukrainian"), max_length=80)
    name_en = TextField(label=gettext_lazy("Name in English"), max_length=80)


class TemplateForm(NameForm):
    """`contents()` after `is_valid()`."""

    topics = LinesField(
        _topic,
        12,
        label=gettext_lazy("Topics"),
        help_text=gettext_lazy("One a line, in the order of the list: code | Ukrainian | English"),
    )
    units = LinesField(
        _unit,
        6,
        label=gettext_lazy("Units"),
        help_text=gettext_lazy("One a line: kind | Ukrainian | English"),
    )
    wording = LinesField(
        _words,
        2,
        label=gettext_lazy("Texts in the city's own words"),
        required=False,
        help_text=gettext_lazy(
            "One a line: key | Ukrainian | English. Empty: the platform's texts."
        ),
    )
    zoom = forms.TypedChoiceField(
        label=gettext_lazy("Zoom of the map"),
        choices=[("", gettext_lazy("By the bounds of the city")), *((z, z) for z in ZOOMS)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    field_order = ["name_uk", "name_en", "topics", "units", "zoom", "wording"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        keys = [key for key, _texts in data.get("wording") or ()]
        for key in {key for key in keys if keys.count(key) > 1}:
            self.add_error("wording", _("The text “%(key)s” is there twice.") % {"key": key})
        if not self.errors:
            for sentence in problems(self.contents()):
                self.add_error(None, sentence)
        return data

    def contents(self) -> Contents:
        data = self.cleaned_data
        return Contents(
            topics=data["topics"],
            units=data["units"],
            wording=dict(data["wording"]),
            zoom=data["zoom"],
        )


def written(contents: Contents) -> dict[str, Any]:
    """The fields of `TemplateForm` for contents that exist."""
    return {
        "topics": "\n".join(
            f"{line.code} | {line.name_uk} | {line.name_en}" for line in contents.topics
        ),
        "units": "\n".join(
            f"{line.kind} | {line.name_uk} | {line.name_en}" for line in contents.units
        ),
        "wording": "\n".join(
            f"{key} | {texts.get('uk', '')} | {texts.get('en', '')}"
            for key, texts in contents.wording.items()
        ),
        "zoom": contents.zoom or "",
    }
