"""Notes, assignment, presence, letters about a question, and one's own reminders."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import number_of
from community.desk.actions import reminders as reminder_actions
from community.desk.actions import working as actions
from community.desk.forms import NoteForm, RemindersForm
from community.desk.models import Reminders
from community.desk.views.page import back, do, person_of, question_of
from community.notices import sending
from community.notices.models import Notice


@access.staff(Permission.MODERATE)
@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = NoteForm(request.POST, prefix="note")
    return do(
        request,
        question,
        "note",
        form,
        lambda: actions.write_note(
            by=access.actor_of(request),
            question=question,
            text=form.cleaned_data["text"],
            submit_key=form.cleaned_data["submit_key"],
        ),
        _("The note is kept. Only the desk reads it."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """To the person named by number; without one to nobody."""
    question = question_of(number)
    chosen = number_of(request.POST, "person")
    person = get_object_or_404(User, pk=chosen, is_active=True) if chosen else None
    if person is None:
        done = _("Nobody in particular has it now.")
    elif person.pk == person_of(request):
        done = _("It is yours now.")
    else:
        done = _("Given to %(name)s, who gets a letter.") % {"name": person.name}
    return do(
        request,
        question,
        "",
        None,
        lambda: actions.assign(by=access.actor_of(request), question=question, person=person),
        done,
    )


@access.staff(Permission.MODERATE)
@require_POST
def presence(request: HttpRequest, number: int) -> HttpResponse:
    """The page asks every 15 s: who else has this question open."""
    person = person_of(request)
    others = actions.look(person=person, question=question_of(number)) if person else []
    return render(request, "desk/_presence.html", {"others": others})


@access.staff(Permission.MODERATE)
@require_POST
def resend_letter(request: HttpRequest, number: int, notice: int) -> HttpResponse:
    question = question_of(number)
    found = get_object_or_404(Notice, pk=notice, question_id=question.pk)
    if sending.resend(by=access.actor_of(request), question=question, notice=found):
        messages.success(request, _("The letter is on its way again."))
    else:
        messages.info(request, _("This letter is on its way already, or is not sent again."))
    return back(request, question)


@access.staff(Permission.MODERATE)
@require_POST
def settle_letters(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    sending.settle(by=access.actor_of(request), question=question)
    messages.success(request, _("Dealt with. The question is off that list."))
    return back(request, question)


@access.staff(Permission.MODERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """Which letters about waiting work I get; nobody else sees or changes it."""
    user = request.user
    if not isinstance(user, User):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "desk/reminders.html", {"form": None})
    row = Reminders.objects.filter(person=user).first()
    form = RemindersForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        reminder_actions.choose(
            by=access.actor_of(request), person=user, values=dict(form.cleaned_data)
        )
        messages.success(request, _("Saved."))
        return redirect("desk:reminders")
    return render(
        request, "desk/reminders.html", {"form": form}, status=422 if form.errors else 200
    )
