"""Forms and buttons that lead a hand-over."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.documents.papers import keep_paper
from billing.errors import LedgerRefused
from billing.funding.labels import who_pays
from billing.funding.queries import periods_of
from billing.pages.frame import FormPage, ask_reason, show_form
from billing.states import PaperKind
from billing.wording import day_text
from provisioning.handover import actions, switching
from provisioning.handover.forms import (
    FORMS,
    DueForm,
    ExtendForm,
    StepForm,
    SuspendForm,
    SwitchForm,
)
from provisioning.handover.models import Handover
from provisioning.handover.states import Stage
from provisioning.handover.views import crumbs_of, handover_of

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Step → the field of its paper, and what kind of paper that is.
PAPERS: dict[str, tuple[str, PaperKind]] = {
    Stage.MEMORANDUM: ("memorandum", PaperKind.MEMORANDUM),
    Stage.REQUEST: ("request", PaperKind.BUDGET_REQUEST),
    Stage.COUNCIL: ("council_decision", PaperKind.DECISION),
}


def _page(row: Handover, title: str, button: str, **more: Any) -> FormPage:
    back = reverse("handover:page", args=[row.pk])
    return FormPage(title=title, button=button, crumbs=crumbs_of(row), back=back, **more)


def _seen(request: HttpRequest, row: Handover) -> str:
    """The step in which the person saw the hand-over: it stands in the address of each button."""
    return request.GET.get("from", "") or row.stage


@access.staff(Permission.FINANCE)
@GET_OR_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """What the step in force needs; what was typed for another step is refused, and stays typed."""
    row = handover_of(pk)
    stage = _seen(request, row)
    if stage not in FORMS:
        raise Http404
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FORMS[stage](row, *data)
    label = str(Stage(stage).label)
    page = _page(row, label, _("Save"), is_upload="copy" in form.fields)

    def act() -> None:
        _save(access.actor_of(request), row, form, stage)

    return show_form(request, page, form, act, _("The step is filled in."))


def _save(by: Actor, row: Handover, form: StepForm, stage: str) -> None:
    values = form.values()
    with transaction.atomic():
        if upload := form.cleaned_data.get("copy"):
            name, kind = PAPERS[stage]
            values[name] = keep_paper(
                by=by,
                kind=kind,
                upload=upload,
                number=form.cleaned_data.get("number", ""),
                dated_on=form.cleaned_data.get("dated_on") or values.get("request_sent_on"),
                account=row.account,
                payer=row.council,
            )
        actions.record(by=by, handover=row, values=values, expected=stage)


@access.staff(Permission.FINANCE)
@require_POST
def advance(request: HttpRequest, pk: int) -> HttpResponse:
    """Two presses lead one step on: the second one saw another step."""
    row = handover_of(pk)
    try:
        actions.advance(by=access.actor_of(request), handover=row, expected=_seen(request, row))
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The next step is begun."))
    return redirect("handover:page", pk)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = handover_of(pk), access.actor_of(request)
    seen = _seen(request, row)
    page = _page(row, _("Back a step"), _("Back a step"), lines=[_("What was filled in stays.")])

    def act(reason: str) -> object:
        return actions.step_back(by=by, handover=row, reason=reason, expected=seen)

    return ask_reason(request, page, act, _("The earlier step is in force again."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = handover_of(pk), access.actor_of(request)
    seen = _seen(request, row)
    page = _page(
        row,
        _("Close the hand-over"),
        _("Close the hand-over"),
        lines=[_("Who pays on which day stays as it is. A new hand-over may be begun.")],
        danger=True,
    )

    def act(reason: str) -> object:
        return actions.close(by=by, handover=row, reason=reason, expected=seen)

    return ask_reason(request, page, act, _("The hand-over is closed."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def due(request: HttpRequest, pk: int) -> HttpResponse:
    row = handover_of(pk)
    start = {"due_on": row.due_on, "owner_id": row.owner_id}
    form = DueForm(request.POST or None, initial=start)
    page = _page(row, _("Due date, who leads it"), _("Save"))

    def act() -> None:
        actions.set_due(by=access.actor_of(request), handover=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("It is changed."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """The one action of the change: says what it will do, then does all of it or nothing."""
    row = handover_of(pk)
    days = switching.first_days(row)
    form = SwitchForm(days, request.POST or None)
    now = [
        _("%(payers)s: from %(first)s to %(last)s.")
        % {
            "payers": who_pays(period),
            "first": day_text(period.first),
            "last": day_text(period.last),
        }
        for period in periods_of(row.account)
    ]
    page = _page(
        row,
        _("Set the day of the change"),
        _("Change the payer"),
        lines=[
            *now[-2:],
            _(
                "The donor’s agreement ends on the day before, the contract of the local budget"
                " pays from the day on. Officers, operators and the city’s administrators are told."
            ),
        ],
    )

    def act() -> None:
        on, seen = form.cleaned_data["on"], _seen(request, row)
        switching.switch(by=access.actor_of(request), handover=row, on=on, expected=seen)

    return show_form(request, page, form, act, _("The day of the change is set."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    row = handover_of(pk)
    form = ExtendForm(request.POST or None)
    page = _page(
        row,
        _("The donor pays longer"),
        _("Prolong"),
        lines=[_("The contract is late: the donor’s agreement and its days are prolonged.")],
    )

    def act() -> None:
        switching.extend_donor(by=access.actor_of(request), handover=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("The donor’s agreement is prolonged."))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    row = handover_of(pk)
    form = SuspendForm(request.POST or None)
    page = _page(
        row,
        _("Nobody pays for a while"),
        _("Pause"),
        lines=[
            _(
                "From the day after the last paid one the site can be read, but takes no new"
                " questions. Residents read your reason."
            )
        ],
        danger=True,
    )

    def act() -> None:
        switching.suspend(by=access.actor_of(request), handover=row, **form.cleaned_data)

    return show_form(request, page, form, act, _("The pause is entered."))


@access.staff(Permission.FINANCE)
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins the renewal, or ends it with the next contract."""
    row = handover_of(pk)
    by, seen = access.actor_of(request), _seen(request, row)
    lead = switching.begin_renewal if seen == Stage.PAID else switching.renew
    try:
        lead(by=by, handover=row, expected=seen)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The next step is begun."))
    return redirect("handover:page", pk)
