"""The resident's private page by a secret link, and the way back to a lost link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from bezpechne.kernel import throttle
from bezpechne.kernel.audit.models import history_of
from community.answers.queries import open_routing, published_answer
from community.questions import links
from community.questions.actions import asking
from community.questions.forms import AddressForm, ReplyForm
from community.questions.states import QuestionState, StateChangeRefused

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Steps that a resident is told about; the rest of the history is the desk's own.
SHOWN_STEPS = (
    "asked",
    "confirmed",
    "asked_back",
    "replied",
    "published",
    "rejected",
    "routed",
    "accepted",
    "answered",
    "answer_corrected",
    "hidden",
    "shown_again",
)


@access.by_link()
@GET_OR_POST
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Where the question is, in plain words; takes the reply when the desk asks."""
    asker = links.asker_by(links.FOLLOW, token)
    if asker is None or asker.question.state == QuestionState.UNCONFIRMED:
        return render(request, "portal/link_dead.html", status=410)
    question = asker.question
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asking.reply(question=question, text=form.cleaned_data["text"])
        except StateChangeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. The moderator has your reply."))
            return redirect("portal:follow", token)
    context = {
        "token": token,
        "asker": asker,
        "question": question,
        "form": form,
        "answer": published_answer(question),
        "routing": open_routing(question),
        "remarks": question.remarks.all(),
        "photos": question.photos.all(),
        "steps": history_of(question).filter(action__in=SHOWN_STEPS),
    }
    return render(request, "portal/follow.html", context)


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
