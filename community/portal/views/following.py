"""The resident's private page by a secret link, and the way back to a lost link."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.kernel import throttle
from community.answers.actions import rating
from community.portal.following import comment_of, told
from community.portal.forms import CommentForm, HelpedForm, LanguageForm, ReopenForm, WithdrawForm
from community.questions import links
from community.questions.actions import addresses, asking, withdrawing
from community.questions.forms import AddressForm, CodeForm, ReplyForm
from community.questions.models import Asker
from community.questions.states import QuestionState, StateChangeRefused

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _followed(token: str) -> Asker | None:
    asker = links.asker_by(links.FOLLOW, token)
    if asker is None or asker.question.state == QuestionState.UNCONFIRMED:
        return None
    return asker


def _page(
    request: HttpRequest, asker: Asker, token: str, *, status: int = 200, **bound: forms.Form
) -> HttpResponse:
    """All forms of the page; `bound` are those that come back with a mistake."""
    blank: dict[str, forms.Form] = {
        "form": ReplyForm(),
        "withdraw_form": WithdrawForm(prefix="withdraw"),
        "address_form": AddressForm(prefix="address"),
        "code_form": CodeForm(prefix="code"),
        "language_form": LanguageForm(
            prefix="language", initial={"language": asker.question.language}
        ),
        "helped_form": HelpedForm(),
        "undo_form": forms.Form(),
        "comment_form": CommentForm(prefix="comment", initial={"text": comment_of(asker)}),
        "reopen_form": ReopenForm(prefix="reopen"),
    }
    context = {**told(asker, token), **blank, **bound}
    return render(request, "portal/follow.html", context, status=status)


def _do(
    request: HttpRequest,
    token: str,
    name: str,
    form: Callable[[], forms.Form],
    act: Callable[[Asker, dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """One action of the page: back to it, or the same page with what was typed and why."""
    asker = _followed(token)
    if asker is None:
        raise Http404
    filled = form()
    if filled.is_valid():
        try:
            act(asker, filled.cleaned_data)
        except (StateChangeRefused, asking.AskRefused) as refusal:
            filled.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("portal:follow", token)
    return _page(request, asker, token, status=422, **{name: filled})


@access.by_link()
@GET_OR_POST
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Where the question is, in plain words; takes the reply when the desk asks."""
    asker = _followed(token)
    if asker is None:
        return render(request, "portal/link_dead.html", status=410)
    if request.method != "POST":
        return _page(request, asker, token)
    return _do(
        request,
        token,
        "form",
        lambda: ReplyForm(request.POST),
        lambda asker, data: asking.reply(question=asker.question, text=data["text"]),
        _("Thank you. The moderator has your reply."),
    )


@access.by_link()
@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Off the map, with a reason or without one; undone within a week."""
    return _do(
        request,
        token,
        "withdraw_form",
        lambda: WithdrawForm(request.POST, prefix="withdraw"),
        lambda asker, data: withdrawing.withdraw(question=asker.question, reason=data["reason"]),
        _("Your question is withdrawn. You can take it back below within 7 days."),
    )


@access.by_link()
@require_POST
def undo_withdrawal(request: HttpRequest, token: str) -> HttpResponse:
    return _do(
        request,
        token,
        "undo_form",
        lambda: forms.Form(request.POST),
        lambda asker, data: withdrawing.undo_withdrawal(question=asker.question),
        _("Your question is back: the moderator reads it anew."),
    )


@access.by_link()
@require_POST
def new_address(request: HttpRequest, token: str) -> HttpResponse:
    """A code goes to the new address; nothing changes until it is typed in."""
    return _do(
        request,
        token,
        "address_form",
        lambda: AddressForm(request.POST, prefix="address"),
        lambda asker, data: addresses.ask_new_address(
            asker=asker, email=data["email"], visitor=throttle.visitor(request)
        ),
        _("A letter with a code went to the new address. Type the code below."),
    )


@access.by_link()
@require_POST
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    return _do(
        request,
        token,
        "code_form",
        lambda: CodeForm(request.POST, prefix="code"),
        lambda asker, data: addresses.confirm_new_address(asker=asker, code=data["code"]),
        _("Done. Letters go to the new address; the old one is told."),
    )


@access.by_link()
@require_POST
def language(request: HttpRequest, token: str) -> HttpResponse:
    """The language of letters, not of this page."""
    return _do(
        request,
        token,
        "language_form",
        lambda: LanguageForm(request.POST, prefix="language"),
        lambda asker, data: addresses.set_language(
            question=asker.question, language=data["language"]
        ),
        _("Letters come in this language from now on."),
    )


@access.by_link()
@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """«Helped» or «did not help»; letters only lead to the page, nothing is counted by a GET."""
    return _do(
        request,
        token,
        "helped_form",
        lambda: HelpedForm(request.POST),
        lambda asker, data: rating.rate(question=asker.question, helped=data["helped"]),
        _("Thank you. You can change it at any time."),
    )


@access.by_link()
@require_POST
def comment(request: HttpRequest, token: str) -> HttpResponse:
    """For the desk and the unit, never public."""
    return _do(
        request,
        token,
        "comment_form",
        lambda: CommentForm(request.POST, prefix="comment"),
        lambda asker, data: rating.comment(question=asker.question, text=data["text"]),
        _("Thank you. The moderator sees it, the public does not."),
    )


@access.by_link()
@require_POST
def reopen(request: HttpRequest, token: str) -> HttpResponse:
    """Once: the desk reads why the answer did not help and decides."""
    return _do(
        request,
        token,
        "reopen_form",
        lambda: ReopenForm(request.POST, prefix="reopen"),
        lambda asker, data: rating.ask_reopening(question=asker.question, reason=data["reason"]),
        _("The moderator has it and will write to you."),
    )


@access.public()
@never_cache
@GET_OR_POST
def lost_link(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address asked something or not."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asking.find_lost_links(email=form.cleaned_data["email"], visitor=throttle.visitor(request))
        return render(request, "portal/lost_link_sent.html")
    return render(request, "portal/lost_link.html", {"form": form})
