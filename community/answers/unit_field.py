"""The choice of a unit in a form: a plain list, or a search where there are too many for one."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.answers.models import Unit
from community.answers.unit_search import (
    MAX_WORDS,
    OFFERED,
    SETS,
    is_long,
    label_of,
    usual,
    with_words,
)
from community.questions.forms import typed

FIND = "find"


class UnitSelect(forms.Select):
    """Of many units it offers the usual ones, or those that `words` find.

    Without scripts the words are sent with the form, by the button `FIND` to see what they find.
    """

    template_name = "answers/unit_select.html"

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of
        self.words = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        self.words = typed(str(data.get(f"{name}-words") or ""))[:MAX_WORDS]
        return super().value_from_datadict(data, files, name)

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: it would read all units, and a browser cannot point at a list that is hidden."""
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        units = SETS[self.of]()
        more: dict[str, Any] = {"of": self.of, "words": self.words, "found": 0, "more": False}
        more["long"] = is_long(units)
        if more["long"]:
            rows = usual(units, value)
            if self.words:
                found = list(with_words(units, self.words)[: OFFERED + 1])
                more |= {"found": len(found[:OFFERED]), "more": len(found) > OFFERED}
                # What is chosen stays until another is.
                shown = found[:OFFERED]
                rows = [*shown, *(row for row in rows[:1] if row not in shown)]
            context = self._offering(rows, name, value, attrs)
        else:
            context = super().get_context(name, value, attrs)
        context["widget"] |= more
        return context

    def _offering(
        self, rows: list[Unit], name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        """With these units instead of all."""
        every = cast("ModelChoiceIterator[Unit]", self.choices)
        blank = every.field.empty_label
        offered = [(row.pk, label_of(row)) for row in rows]
        self.choices = [*([("", blank)] if blank is not None else []), *offered]
        context: dict[str, Any] = super().get_context(name, value, attrs)
        self.choices = every
        return context


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic only in stubs
    """One unit of a set (`unit_search.SETS`)."""

    widget: UnitSelect

    def __init__(self, of: str, **options: Any) -> None:
        super().__init__(
            SETS[of](),
            widget=UnitSelect(of),
            error_messages={
                "required": gettext_lazy("Choose a unit."),
                "invalid_choice": gettext_lazy("This unit cannot be chosen. Choose another one."),
            },
            **options,
        )

    def clean(self, value: Any) -> Unit | None:
        """Words beside another choice: somebody meant to look for a unit, and has not."""
        unit: Unit | None = super().clean(value)
        words = self.widget.words
        if words and not (unit and with_words(Unit.objects.filter(pk=unit.pk), words).exists()):
            raise forms.ValidationError(
                _("“%(words)s” was typed, and no such unit is chosen. Choose one from the list."),
                params={"words": words},
            )
        return unit


def unchecked(form: forms.BaseForm) -> dict[str, Any]:
    """Makes a sent form one that is still being filled in, and returns what was typed."""
    typed = {
        bound.name: bound.field.widget.value_from_datadict(form.data, form.files, bound.html_name)
        for bound in form
    }
    form.is_bound, form.initial = False, {**form.initial, **typed}
    return typed
