"""What the desk does with a question itself: one action per POST."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.desk.forms import AskBackForm, PublicForm, QuestionTopicForm, ReasonForm
from community.desk.views.page import do, question_of, show
from community.questions.actions import moderating


@access.staff(Permission.MODERATE)
@require_safe
def item(request: HttpRequest, number: int) -> HttpResponse:
    """Everything about one question."""
    return show(request, question_of(number))


@access.staff(Permission.MODERATE)
@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = PublicForm(request.POST, question=question, prefix="public")
    return do(
        request,
        question,
        "public",
        form,
        lambda: moderating.publish(
            by=access.actor_of(request),
            question=question,
            public=form.public(),
            seen=form.cleaned_data["seen"],
        ),
        _("Published: the red pin is on the map. Choose who answers."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def edit(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = PublicForm(request.POST, question=question, prefix="public")
    return do(
        request,
        question,
        "public",
        form,
        lambda: moderating.edit(
            by=access.actor_of(request),
            question=question,
            public=form.public(),
            seen=form.cleaned_data["seen"],
        ),
        _("The published text is changed."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def make_private(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = ReasonForm(request.POST, prefix="make_private")
    return do(
        request,
        question,
        "make_private",
        form,
        lambda: moderating.make_private(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("The question is private now. Choose who answers."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def set_topic(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = QuestionTopicForm(request.POST, prefix="topic")
    return do(
        request,
        question,
        "topic",
        form,
        lambda: moderating.set_topic(
            by=access.actor_of(request), question=question, topic=form.cleaned_data["topic"]
        ),
        _("The topic is changed. The question stays private."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = ReasonForm(request.POST, prefix="reject")
    return do(
        request,
        question,
        "reject",
        form,
        lambda: moderating.reject(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("Rejected. The resident gets the reason by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def reconsider(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    return do(
        request,
        question,
        "",
        None,
        lambda: moderating.reconsider(by=access.actor_of(request), question=question),
        _("The question is in the queue again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def ask_back(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = AskBackForm(request.POST, prefix="ask_back")
    return do(
        request,
        question,
        "ask_back",
        form,
        lambda: moderating.ask_back(
            by=access.actor_of(request), question=question, text=form.cleaned_data["text"]
        ),
        _("The resident gets your question by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def hide(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = ReasonForm(request.POST, prefix="hide")
    return do(
        request,
        question,
        "hide",
        form,
        lambda: moderating.hide(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("Hidden. The resident gets the reason by e-mail. You can show it again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def show_again(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    return do(
        request,
        question,
        "",
        None,
        lambda: moderating.show_again(by=access.actor_of(request), question=question),
        _("The question is on the map again."),
    )
