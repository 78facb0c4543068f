"""Topics: their order, names, icons and default units."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.seen import ChangedMeanwhile, mark
from community.administration.topic_forms import CatalogueForm, TopicForm
from community.answers.actions.topics import set_default_unit
from community.answers.actions.units import UnitRefused
from community.answers.models import TopicRoute
from community.answers.unit_field import FIND, unchecked
from community.desk.comparing import differences
from community.desk.models import Phrase
from community.questions.actions import topics as actions
from community.questions.catalogue import BY_CODE
from community.questions.models import IS_PUBLIC, Question, Topic

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.ADMINISTER)
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    return _list(request, _catalogue(None))


def _catalogue(data: Any) -> CatalogueForm:
    return CatalogueForm(data, english=get_language() == "en")


def _list(request: HttpRequest, catalogue: CatalogueForm) -> HttpResponse:
    asked = Question.objects.filter(topic=OuterRef("pk"))
    rows = list(
        Topic.objects.select_related("route__unit")
        .annotate(has_questions=Exists(asked))
        .order_by("position", "id")
    )
    context = {"topics": rows, "catalogue": catalogue}
    status = 422 if catalogue.is_bound else 200
    return render(request, "administration/topics.html", context, status=status)


@access.staff(Permission.ADMINISTER)
@require_POST
def add_known(request: HttpRequest) -> HttpResponse:
    """Topics of the catalogue, all that were ticked or none."""
    form = _catalogue(request.POST)
    if not form.is_valid():
        return _list(request, form)
    try:
        with transaction.atomic():
            for code in form.cleaned_data["codes"]:
                known = BY_CODE[code]
                words = actions.TopicWords(
                    name_uk=known.name_uk,
                    name_en=known.name_en,
                    icon=known.icon,
                    is_private=known.is_private,
                )
                actions.add_topic(by=access.actor_of(request), words=words, code=code)
    except actions.TopicRefused as refusal:
        form.add_error("codes", str(refusal))
        return _list(request, form)
    messages.success(request, _("Added to the end of the list."))
    return redirect("administration:topics")


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def new_topic(request: HttpRequest) -> HttpResponse:
    """One of the city's own."""
    form = TopicForm(request.POST or None)
    if FIND in request.POST:
        unchecked(form)
    elif request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                topic = actions.add_topic(by=access.actor_of(request), words=form.words())
                _route(request, topic, form)
        except (actions.TopicRefused, UnitRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request)
    return _form(request, form, None)


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def edit_topic(request: HttpRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    values = form_values(topic)
    if request.method != "POST":
        return _form(request, TopicForm(initial={**values, "seen": mark(values)}), topic)
    form = TopicForm(data := request.POST.copy())
    if FIND in request.POST:
        unchecked(form)
    elif form.is_valid():
        try:
            _change(request, topic, form)
        except ChangedMeanwhile as refusal:
            form.add_error(None, str(refusal))
            values = form_values(Topic.objects.get(pk=pk))
            data["seen"] = mark(values)
            return _form(request, form, topic, differences(form, values))
        except (actions.TopicRefused, UnitRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request)
    return _form(request, form, topic)


def form_values(topic: Topic) -> dict[str, Any]:
    """What the form of a topic is filled with."""
    unit = TopicRoute.objects.filter(topic=topic).values_list("unit_id", flat=True).first()
    return {**asdict(actions.words_of(topic)), "unit": unit}


@transaction.atomic
def _change(request: HttpRequest, topic: Topic, form: TopicForm) -> None:
    """Both parts or none; the row is locked before the values are compared."""
    Topic.objects.select_for_update().get(pk=topic.pk)
    now = form_values(Topic.objects.get(pk=topic.pk))
    if form.cleaned_data["seen"] != mark(now):
        raise ChangedMeanwhile
    actions.change_topic(by=access.actor_of(request), topic=topic, words=form.words())
    _route(request, topic, form)


def _route(request: HttpRequest, topic: Topic, form: TopicForm) -> None:
    set_default_unit(by=access.actor_of(request), topic=topic, unit=form.cleaned_data["unit"])


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("administration:topics")


def _form(
    request: HttpRequest,
    form: TopicForm,
    topic: Topic | None,
    saved: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "topic": topic,
        "saved": saved,
        "phrases": Phrase.objects.filter(topic=topic) if topic else [],
        "public_number": topic.questions.filter(IS_PUBLIC).count() if topic else 0,
        "private_number": topic.questions.filter(is_private=True).count() if topic else 0,
    }
    status = 422 if form.is_bound else 200
    return render(request, "administration/topic.html", context, status=status)


def _act(request: HttpRequest, pk: int, done: str, act: Callable[[Topic], object]) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    try:
        act(topic)
    except actions.TopicRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return redirect(f"{reverse('administration:topics')}#topic-{pk}")


@access.staff(Permission.ADMINISTER)
@require_POST
def move_topic(request: HttpRequest, pk: int) -> HttpResponse:
    up = request.POST.get("to") == "up"
    by = access.actor_of(request)
    return _act(request, pk, "", lambda topic: actions.move_topic(by=by, topic=topic, up=up))


@access.staff(Permission.ADMINISTER)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    active = request.POST.get("active") == "1"
    by = access.actor_of(request)
    done = (
        _("Residents can choose the topic.")
        if active
        else _("The topic cannot be chosen any more. Its questions keep it.")
    )
    return _act(
        request, pk, done, lambda topic: actions.set_topic_active(by=by, topic=topic, active=active)
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def delete_topic(request: HttpRequest, pk: int) -> HttpResponse:
    by = access.actor_of(request)
    done = _("The topic is gone: no question was on it.")
    return _act(request, pk, done, lambda topic: actions.delete_topic(by=by, topic=topic))
