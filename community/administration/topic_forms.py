"""Forms of the list of topics."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.answers.unit_field import UnitField
from community.questions.actions.topics import TopicWords
from community.questions.catalogue import CATALOGUE, ICONS, OTHER_ICON
from community.questions.forms import TextField
from community.questions.models import Topic


def _icons() -> list[tuple[str, str]]:
    """Each with the topic of the catalogue that it stands for."""
    english = get_language() == "en"
    return [(icon, known.name_en if english else known.name_uk) for icon, known in ICONS.items()]


class TopicForm(forms.Form):
    """`seen`: the mark of the values that the form was filled with."""

    name_uk = TextField(label=_("Name in Ukrainian"), max_length=80, min_length=2)
    name_en = TextField(label=_("Name in English"), max_length=80, min_length=2)
    icon = forms.ChoiceField(
        label=_("Icon"),
        choices=_icons,
        initial=OTHER_ICON,
        widget=forms.RadioSelect,
    )
    unit = UnitField(
        "active",
        label=_("Who answers by default"),
        required=False,
        empty_label=_("The liaison"),
        help_text=_("The moderator can choose another unit for each question."),
    )
    is_private = forms.BooleanField(
        label=_("Private: questions on it are not published"),
        required=False,
        help_text=_(
            "Only the moderator and whoever answers read them; the answer goes to the resident"
            " alone. It holds for what is asked from now on."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def words(self) -> TopicWords:
        data = self.cleaned_data
        return TopicWords(
            name_uk=data["name_uk"],
            name_en=data["name_en"],
            icon=data["icon"],
            is_private=data["is_private"],
        )


def offered() -> list[tuple[str, str, str]]:
    """Topics of the catalogue that the city does not have: code, both names."""
    held = set(Topic.objects.values_list("code", flat=True))
    return [(one.code, one.name_uk, one.name_en) for one in CATALOGUE if one.code not in held]


class CatalogueForm(forms.Form):
    """One or several topics of the catalogue."""

    codes = forms.MultipleChoiceField(
        label=_("Topics of the catalogue"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one topic.")},
    )

    def __init__(self, *args: Any, english: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [  # type: ignore[attr-defined] # Field has no choices in stubs
            (code, en if english else uk) for code, uk, en in offered()
        ]
