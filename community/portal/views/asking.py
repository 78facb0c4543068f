"""Asking: the form, «check your mail», confirmation."""

import hashlib
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.kernel import throttle
from bezpechne.kernel.images import MAX_BYTES, ImageRefused
from community.portal.maps import map_data
from community.questions import links
from community.questions.actions import asking, withdrawing
from community.questions.actions.photos import arrange_photos, keep_photo, waiting_photos
from community.questions.emergency import emergency_words
from community.questions.forms import AddressForm, AskForm, CodeForm
from community.questions.models import MAX_PHOTOS, Asker
from community.questions.states import QuestionState
from tenants.current import current_city

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.public()
@never_cache
@GET_OR_POST
def ask(request: HttpRequest) -> HttpResponse:
    """The form. An emergency is shown the panel with 102 first; nothing blocks asking."""
    if request.method != "POST":
        if not current_city().takes_questions:
            return render(request, "portal/closed.html", {"city": current_city()})
        return _form(request, AskForm(initial=_place_from_url(request)))
    typed = request.POST.copy()
    form = AskForm(typed)
    valid = form.is_valid()
    if valid:
        known = asking.sent_before(_draft(form.cleaned_data))
        if known:
            return redirect("portal:pending", links.pending_token(known))
    photo_errors = _take_photos(request, form, typed) if "submit_key" in form.cleaned_data else []
    if not valid or photo_errors:
        return _form(request, form, photo_errors=photo_errors, status=422)
    data = form.cleaned_data
    urgent = data["happening_now"] or emergency_words(data["text"])
    if urgent and not data["emergency_seen"]:
        return _form(request, form, emergency=True, status=422)
    try:
        asker = asking.submit(draft=_draft(data), visitor=throttle.visitor(request))
    except asking.AskRefused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=422)
    return redirect("portal:pending", links.pending_token(asker))


def _place_from_url(request: HttpRequest) -> dict[str, Any]:
    """«Ask about this place» links carry the point."""
    return {name: request.GET[name][:20] for name in ("lat", "lon") if name in request.GET}


def _draft(data: dict[str, Any]) -> asking.Draft:
    taken = [
        "submit_key",
        "topic",
        "text",
        "point",
        "point_is_rough",
        "place",
        "name",
        "email",
        "share_name",
        "happening_now",
    ]
    return asking.Draft(language=get_language() or "uk", **{name: data[name] for name in taken})


def _take_photos(request: HttpRequest, form: AskForm, typed: QueryDict) -> list[str]:
    """Keeps the good photos whatever else is wrong, returns sentences about the others.

    A form whose key has made a question already goes on under a key of its own.
    """
    key = asking.free_key(form.cleaned_data["submit_key"])
    form.cleaned_data["submit_key"] = key
    typed["submit_key"] = str(key)
    arrange_photos(
        submit_key=key,
        order=form.cleaned_data.get("photo") or [],
        remove=form.cleaned_data.get("remove_photo") or [],
    )
    errors = []
    for file in request.FILES.getlist("photos"):
        try:
            keep_photo(
                submit_key=key,
                file=file,
                visitor=throttle.visitor(request),
                key=_key_of(file, key),
            )
        except ImageRefused as refusal:
            errors.append(f"{file.name}: {refusal}")
    return errors


def _key_of(file: "UploadedFile[bytes]", submit_key: UUID) -> UUID:
    """The same for the same file of the same form: one that is sent again is not kept twice."""
    content = hashlib.sha256()
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return uuid5(submit_key, content.hexdigest())


def _form(
    request: HttpRequest,
    form: AskForm,
    *,
    photo_errors: list[str] | None = None,
    emergency: bool = False,
    status: int = 200,
) -> HttpResponse:
    key = form["submit_key"].value()
    kept = (
        waiting_photos(UUID(str(key))) if form.is_bound and "submit_key" not in form.errors else []
    )
    context = {
        "form": form,
        "emergency": emergency,
        "emergency_seen": emergency or form["emergency_seen"].value(),
        "photo_errors": photo_errors,
        "kept_photos": kept,
        "max_photos": MAX_PHOTOS,
        "max_bytes": MAX_BYTES,
        "map": map_data(current_city()),
    }
    return render(request, "portal/ask.html", context, status=status)


def _pending_page(
    request: HttpRequest, asker: Asker, *, code: CodeForm, address: AddressForm, status: int = 200
) -> HttpResponse:
    context = {
        "asker": asker,
        "code_form": code,
        "address_form": address,
        "token": links.pending_token(asker),
    }
    return render(request, "portal/pending.html", context, status=status)


@access.by_link()
@GET_OR_POST
def pending(request: HttpRequest, token: str) -> HttpResponse:
    """«Check your mail»: takes the code."""
    asker = links.asker_by(links.PENDING, token)
    if asker is None:
        return render(request, "portal/link_dead.html", status=410)
    if asker.question.state != QuestionState.UNCONFIRMED:
        return render(request, "portal/confirmed_already.html", {"asker": asker})
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            asking.confirm_by_code(asker=asker, code=form.cleaned_data["code"])
        except asking.AskRefused as refusal:
            form.add_error("code", str(refusal))
            status = 422
        else:
            return redirect("portal:follow", links.follow_token(asker))
    address = AddressForm(initial={"email": asker.email}, prefix="address")
    return _pending_page(request, asker, code=form, address=address, status=status)


@access.by_link()
@require_POST
def resend(request: HttpRequest, token: str) -> HttpResponse:
    """A new letter, to the same address or to a corrected one."""
    asker = links.asker_by(links.PENDING, token)
    if asker is None:
        raise Http404
    form = AddressForm(request.POST, prefix="address")
    if form.is_valid():
        try:
            if form.cleaned_data["email"] == asker.email:
                asking.resend_confirmation(asker=asker, visitor=throttle.visitor(request))
            else:
                asking.correct_address(
                    asker=asker,
                    email=form.cleaned_data["email"],
                    visitor=throttle.visitor(request),
                )
        except asking.AskRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            return redirect("portal:pending", token)
    return _pending_page(request, asker, code=CodeForm(), address=form, status=422)


@access.by_link()
@require_POST
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Deletes a question that was not confirmed, at once."""
    asker = links.asker_by(links.PENDING, token)
    if asker is None:
        raise Http404
    if asker.question.state != QuestionState.UNCONFIRMED:
        return redirect("portal:pending", token)
    withdrawing.withdraw(question=asker.question)
    messages.success(request, _("Your question is deleted. Nobody has read it."))
    return redirect("portal:home")


@access.by_link()
@GET_OR_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter shows a button: programs that read mail open links on their own."""
    asker = links.asker_by(links.CONFIRM, token)
    if asker is None:
        return render(request, "portal/link_dead.html", status=410)
    if request.method == "POST":
        try:
            asking.confirm(asker=asker)
        except asking.AskRefused as refusal:
            return render(request, "portal/link_dead.html", {"reason": refusal}, status=410)
        return redirect("portal:follow", links.follow_token(asker))
    if asker.question.state != QuestionState.UNCONFIRMED:
        return render(request, "portal/confirmed_already.html", {"asker": asker})
    return render(request, "portal/confirm.html", {"asker": asker, "question": asker.question})
