"""What a unit does by its link: one action per POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bezpechne.accounts import access
from community.answers.actions import answering, drafting, passing
from community.answers.actions import routing as routing_actions
from community.answers.forms import AnswerForm, DraftForm, PassBackForm, PassOnForm
from community.answers.views.pages import dead, door_or_404, show
from community.questions.states import StateChangeRefused


@access.by_link()
@require_POST
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Sent by the page's script: a person's browser, not a mail scanner, opened the link."""
    door = door_or_404(token)
    try:
        routing_actions.mark_opened(routing=door.routing, door=door)
    except StateChangeRefused:
        return HttpResponse(status=410)
    return HttpResponse(status=204)


@access.by_link()
@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    door = door_or_404(token)
    try:
        routing_actions.accept(routing=door.routing, door=door)
    except StateChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Accepted. The moderator sees that you work on it."))
    return redirect("answers:page", token)


@access.by_link()
@require_POST
def pass_back(request: HttpRequest, token: str) -> HttpResponse:
    """Back to the desk with a reason."""
    door = door_or_404(token)
    form = PassBackForm(request.POST, prefix="pass")
    if not form.is_valid():
        return show(request, door, pass_form=form, status=422)
    reason = form.cleaned_data["reason"]
    try:
        routing_actions.pass_back(routing=door.routing, reason=reason, door=door)
    except StateChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return show(request, door, pass_form=form, status=422)
    return render(request, "answers/passed_back.html", {"routing": door.routing})


@access.by_link()
@require_POST
def submit(request: HttpRequest, token: str) -> HttpResponse:
    """The answer, or its correction until the desk publishes it."""
    door = door_or_404(token)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, door, form=form, status=422)
    scans = form.cleaned_data["letters"]
    try:
        answering.submit(routing=door.routing, words=form.words(), scans=scans, door=door)
    except StateChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return show(request, door, form=form, status=422)
    return redirect("answers:receipt", token)


@access.by_link()
@require_POST
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Keeps what is written so far: by the script while one types, by the button without it."""
    door = door_or_404(token)
    quietly = "HX-Request" in request.headers
    form = DraftForm(request.POST)
    refused, kept = "", None
    if form.is_valid():
        base = request.POST.get("base", "")
        try:
            kept = drafting.keep(routing=door.routing, words=form.words(), base=base, door=door)
        except StateChangeRefused as refusal:
            refused = str(refusal)
    else:
        refused = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if quietly:
        return render(request, "answers/_draft_state.html", {"draft": kept, "refused": refused})
    if refused:
        messages.error(request, refused)
        typed = AnswerForm(initial=request.POST.dict())
        return show(request, door, form=typed, status=422)
    messages.success(request, _("The draft is kept. Only you see it until you send it."))
    return redirect("answers:page", token)


@access.by_link()
@require_POST
def pass_on(request: HttpRequest, token: str) -> HttpResponse:
    """To a named colleague, who gets a link of their own."""
    door = door_or_404(token)
    domain = passing.domain_of(door.routing.unit.email)
    form = PassOnForm(request.POST, prefix="colleague", domain=domain)
    if form.is_valid():
        try:
            passing.pass_on(routing=door.routing, door=door, **form.cleaned_data)
        except StateChangeRefused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return show(request, door, colleague_form=form, status=422)
    messages.success(request, _("Passed on. Your colleague gets a letter with a link."))
    return redirect("answers:page", token)


@access.by_link()
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """The colleague's link stops working; this one acts again."""
    door = door_or_404(token)
    try:
        passing.take_back(door=door)
    except StateChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back. Your colleague's link no longer works."))
    return redirect("answers:page", token)


@access.by_link()
@require_POST
def want_link(request: HttpRequest, token: str) -> HttpResponse:
    """The button of an expired link."""
    door = door_or_404(token)
    try:
        routing_actions.want_link(door=door)
    except StateChangeRefused as refusal:
        messages.error(request, str(refusal))
        return dead(request, door, status=422)
    return render(request, "answers/link_wanted.html", {"routing": door.letter})
