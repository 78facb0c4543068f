"""`/styleguide/`: every component on one page, in the page's own language and theme.

Routed on the platform's host when DEBUG or DEMO is on. Whoever changes app.css looks here first.
"""

from pathlib import Path
from xml.etree import ElementTree

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from bezpechne.accounts import access

# Custom properties of app.css, by what they are for.
COLOURS = {
    "Grounds": ["ground", "paper", "land", "strip", "mark", "accent-tint"],
    "Words and lines": ["ink", "muted", "line", "control", "accent", "accent-strong", "danger"],
    "Statuses": ["waiting", "redirected", "answered"],
}
TYPE = {
    "s34": "h1",
    "s28": "h1, phone",
    "s23": "h2",
    "s19": "h3, lead",
    "s16": "text",
    "s13": "meta",
}
STATUSES = ["waiting", "answered", "redirected", "in_working_group"]
STATUSES += ["private_waiting", "private_answered"]
STATUSES += ["in_moderation", "clarification", "rejected", "hidden", "unconfirmed"]


class Sample(forms.Form):
    """Each kind of field once; bound with mistakes, so that errors are seen too."""

    text = forms.CharField(label="Рядок", help_text="Вулиця й будинок або що є поруч.")
    email = forms.EmailField(label="Електронна пошта")
    number = forms.IntegerField(label="Кількість", required=False)
    day = forms.DateField(
        label="День", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    choice = forms.ChoiceField(
        label="Тема", choices=[("", "Виберіть тему"), ("1", "Паркування"), ("2", "Шум")]
    )
    radio = forms.ChoiceField(
        label="Коли це",
        choices=[("now", "Зараз"), ("no", "Може зачекати")],
        widget=forms.RadioSelect,
    )
    tick = forms.BooleanField(label="Підрозділ може бачити моє ім’я", required=False)
    file = forms.FileField(label="Фото", required=False)
    words = forms.CharField(
        label="Ваше питання", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


def icons() -> list[str]:
    """Line icons of the sprite, in its order."""
    tree = ElementTree.parse(Path(settings.PACKAGE_DIR, "static/bezpechne/icons.svg"))  # noqa: S314
    ids = [element.get("id") or "" for element in tree.getroot().iter() if element.get("id")]
    return [one for one in ids if not one.startswith(("pin-", "status-"))]


@access.public()
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """404 outside of development, whatever the URL conf says."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    context = {
        "colours": COLOURS,
        "type": TYPE,
        "statuses": STATUSES,
        "icons": icons(),
        "bars": [("Паркування", 42), ("Стихійна торгівля", 31), ("Шум", 9)],
        "levels": [
            ("info", "info"),
            ("success", "check"),
            ("warning", "alert"),
            ("error", "alert"),
        ],
        "form": Sample(),
        "wrong": Sample({"email": "пошта", "number": "багато"}),
    }
    return render(request, "styleguide/page.html", context)


app_name = "styleguide"
urlpatterns = [path("", styleguide, name="page")]
