"""The unit's page by a secret link. A GET shows; only POSTs change anything."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from community.answers import links
from community.answers.actions import answering, units
from community.answers.actions import routing as routing_actions
from community.answers.files import send_letter
from community.answers.forms import AnswerForm, PassBackForm
from community.answers.models import Answer, Letter, Routing, Unit
from community.answers.states import AnswerState
from community.questions.files import send_photo
from community.questions.models import Asker, Photo
from community.questions.states import StateChangeRefused


def _routing(token: str) -> Routing:
    """Raises Http404 for a text that never was a link of this city."""
    routing = links.routing_by(token)
    if routing is None:
        raise Http404
    return routing


def _own_answer(routing: Routing) -> Answer | None:
    rows = Answer.objects.filter(routing=routing).exclude(state=AnswerState.WITHDRAWN)
    return rows.prefetch_related("letters").first()


def _resident_name(routing: Routing) -> str:
    """Only when the resident ticked it."""
    asker = Asker.objects.filter(question_id=routing.question_id, share_name=True).first()
    return asker.name if asker else ""


def _page(
    request: HttpRequest,
    routing: Routing,
    *,
    answer_form: AnswerForm | None = None,
    pass_form: PassBackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if not links.usable(routing):
        return _dead(request, routing)
    answer = _own_answer(routing)
    initial = (
        {"text": answer.text, "competence": answer.competence, "next_step": answer.next_step}
        if answer
        else None
    )
    context = {
        "token": links.token(routing),
        "routing": routing,
        "question": routing.question,
        "resident_name": _resident_name(routing),
        "photos": [photo for photo in routing.question.photos.all() if photo.is_public],
        "answer": answer,
        "form": answer_form or AnswerForm(initial=initial),
        "pass_form": pass_form or PassBackForm(prefix="pass"),
        "passing": pass_form is not None,
    }
    return render(request, "answers/page.html", context, status=status)


def _dead(request: HttpRequest, routing: Routing | None) -> HttpResponse:
    return render(request, "answers/link_dead.html", {"routing": routing}, status=410)


@access.by_link()
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The question, and everything the unit can do about it.

    A link that a newer letter replaced is not known any more: it gets the same page as a dead one.
    """
    routing = links.routing_by(token)
    return _page(request, routing) if routing else _dead(request, None)


@access.by_link()
@require_POST
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Sent by the page's script: a person's browser, not a mail scanner, opened the link."""
    try:
        routing_actions.mark_opened(routing=_routing(token))
    except StateChangeRefused:
        return HttpResponse(status=410)
    return HttpResponse(status=204)


@access.by_link()
@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    routing = _routing(token)
    try:
        routing_actions.accept(routing=routing)
    except StateChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Accepted. The moderator sees that you work on it."))
    return redirect("answers:page", token)


@access.by_link()
@require_POST
def pass_back(request: HttpRequest, token: str) -> HttpResponse:
    """Back to the desk with a reason."""
    routing = _routing(token)
    form = PassBackForm(request.POST, prefix="pass")
    if not form.is_valid():
        return _page(request, routing, pass_form=form, status=422)
    try:
        routing_actions.pass_back(routing=routing, reason=form.cleaned_data["reason"])
    except StateChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, routing, pass_form=form, status=422)
    return render(request, "answers/passed_back.html", {"routing": routing})


@access.by_link()
@require_POST
def submit(request: HttpRequest, token: str) -> HttpResponse:
    """The answer, or its correction until the desk publishes it."""
    routing = _routing(token)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, routing, answer_form=form, status=422)
    try:
        answering.submit(routing=routing, words=form.words(), scans=form.cleaned_data["letters"])
    except StateChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, routing, answer_form=form, status=422)
    messages.success(
        request, _("Sent. The moderator will publish it; until then you can correct it here.")
    )
    return redirect("answers:page", token)


@access.by_link()
@require_safe
def photo(request: HttpRequest, token: str, key: UUID, size: str) -> HttpResponseBase:
    """The question's published photos."""
    routing = _routing(token)
    if not links.usable(routing):
        raise Http404
    found = get_object_or_404(Photo, key=key, question=routing.question, is_public=True)
    return send_photo(found, size)


@access.by_link()
@require_safe
def letter(request: HttpRequest, token: str, key: UUID) -> FileResponse:
    """The unit's own letters."""
    routing = _routing(token)
    if not links.usable(routing):
        raise Http404
    return send_letter(get_object_or_404(Letter, key=key, answer__routing=routing))


@access.by_link()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, unit: int, token: str) -> HttpResponse:
    """The button of a test letter. A GET changes nothing: mail scanners open links too."""
    row = Unit.objects.filter(pk=unit).first()
    if row is None or not links.confirms_address(row, token):
        return _dead(request, None)
    done = request.method == "POST"
    if done:
        units.confirm_address(unit=row)
    return render(request, "answers/confirm_address.html", {"unit": row, "done": done})
