"""The page of phrases: what the desk writes again and again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import number_of
from bezpechne.kernel.seen import ChangedMeanwhile
from community.desk import phrases as wording
from community.desk.actions import phrases as actions
from community.desk.comparing import carry, differing
from community.desk.forms import PhraseForm
from community.desk.models import Phrase, PhraseKind

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.MODERATE)
@require_safe
def phrases(request: HttpRequest) -> HttpResponse:
    """By kind, each as it reads."""
    example = wording.example("uk")
    rows: dict[str, list[tuple[Phrase, str]]] = {kind: [] for kind in PhraseKind.values}
    for phrase in Phrase.objects.select_related("topic")[: actions.MOST]:
        rows[phrase.kind].append((phrase, wording.filled(phrase.text_uk, example)))
    kinds = [(kind.value, kind.label, rows[kind]) for kind in PhraseKind]
    return render(request, "desk/phrases.html", {"kinds": kinds, "any": any(rows.values())})


def _form_page(
    request: HttpRequest, form: PhraseForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    known = {kind.label: wording.shown_names(kind) for kind in PhraseKind}
    context = {"form": form, "phrase": form.instance, "known": known, **more}
    return render(request, "desk/phrase.html", context, status=status)


def _save(request: HttpRequest, phrase: Phrase) -> HttpResponse:
    initial = {
        "seen": phrase.version,
        "kind": request.GET.get("kind", phrase.kind),
        "topic": number_of(request.GET, "topic") or phrase.topic_id,
    }
    form = PhraseForm(request.POST or None, instance=phrase, initial=initial)
    if request.method != "POST":
        return _form_page(request, form)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    data = form.cleaned_data
    if "preview" in request.POST:
        previews = [
            wording.filled(data[f"text_{language}"], wording.example(language))
            for language in ("uk", "en")
        ]
        return _form_page(request, form, previews=[text for text in previews if text])
    try:
        actions.save_phrase(
            by=access.actor_of(request), phrase=phrase, values=data, seen=data["seen"] or 0
        )
    except ChangedMeanwhile as refusal:
        fresh = Phrase.objects.get(pk=phrase.pk)
        carry(form, fresh.version)
        form.add_error(None, str(refusal))
        saved = {field: getattr(fresh, field) for field in (*actions.FIELDS, "topic")}
        return _form_page(request, form, status=422, differences=differing(saved, form))
    messages.success(request, _("Saved. It is offered in the forms at once."))
    return redirect("desk:phrases")


@access.staff(Permission.MODERATE)
@GET_OR_POST
def new_phrase(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and Phrase.objects.count() >= actions.MOST:
        messages.error(
            request, _("A hundred phrases are there: nobody finds one in a longer list.")
        )
        return redirect("desk:phrases")
    return _save(request, Phrase())


@access.staff(Permission.MODERATE)
@GET_OR_POST
def edit_phrase(request: HttpRequest, pk: int) -> HttpResponse:
    return _save(request, get_object_or_404(Phrase, pk=pk))


@access.staff(Permission.MODERATE)
@require_POST
def delete_phrase(request: HttpRequest, pk: int) -> HttpResponse:
    actions.delete_phrase(by=access.actor_of(request), phrase=get_object_or_404(Phrase, pk=pk))
    messages.success(request, _("Deleted. What was written with it stays."))
    return redirect("desk:phrases")


@access.staff(Permission.MODERATE)
@require_POST
def add_usual(request: HttpRequest) -> HttpResponse:
    """The ones that a new city starts with, but those that are there."""
    made = actions.add_usual(by=access.actor_of(request))
    words = ngettext("%(n)d phrase is added.", "%(n)d phrases are added.", made)
    messages.success(request, words % {"n": made})
    return redirect("desk:phrases")
