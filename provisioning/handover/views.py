"""One hand-over: where it stands, what is missing, its papers, what was done."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from billing.audit import words_of
from billing.errors import LedgerRefused
from billing.models import LedgerEvent
from billing.pages.documents import DOCX
from billing.pages.frame import Crumbs
from billing.pages.showing import Action, Shown, show
from billing.reports.tables import Column, Kind, Row, Table
from billing.wording import day_text, money_text
from provisioning.handover import drafts
from provisioning.handover.forms import FORMS
from provisioning.handover.models import Handover
from provisioning.handover.needs import last_paid, missing
from provisioning.handover.states import LED, STEPS, Stage

NEWEST = 30


def handover_of(pk: int) -> Handover:
    """With its city, council and contract. Raises Http404."""
    rows = Handover.objects.select_related(
        "account", "council", "contract", "memorandum", "request", "council_decision"
    )
    found: Handover = get_object_or_404(rows, pk=pk)
    return found


def crumbs_of(row: Handover | None = None) -> Crumbs:
    crumbs = [(_("Hand-overs"), reverse("handover:list"))]
    if row is not None:
        crumbs.append((row.account.name, reverse("handover:page", args=[row.pk])))
    return crumbs


@access.staff(Permission.LEDGER)
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A fixed number of queries, whatever its history."""
    row = handover_of(pk)
    lacks, last = missing(row), last_paid(row)
    may = access.may(request, Permission.FINANCE)
    shown = Shown(
        title=_("Hand-over: %(city)s") % {"city": row.account.name},
        crumbs=crumbs_of(),
        badge=row.get_stage_display(),
        actions=_actions(row, lacks) if may else [],
        warnings=_warnings(row),
        facts=_facts(row, str(day_text(last)) if last else ""),
        tables=[_needs(lacks), _steps(row), _papers(row), _history(row)],
    )
    return show(request, shown)


def _warnings(row: Handover) -> list[str]:
    found = []
    if row.due_on and row.due_on < clock.today() and row.stage != Stage.CLOSED:
        found.append(
            _("This step was to be done by %(day)s.") % {"day": day_text(row.due_on)},
        )
    if row.is_suspended:
        found.append(_("Nobody pays: the site can be read, but takes no new questions."))
    return found


def _actions(row: Handover, lacks: list[str]) -> list[Action]:
    def at(name: str) -> str:
        # What a button does counts for the step that was seen.
        return f"{reverse(f'handover:{name}', args=[row.pk])}?from={row.stage}"

    found = []
    if row.stage in FORMS:
        found.append(Action(_("Fill in this step"), at("step"), is_main=bool(lacks)))
    if row.stage in LED and row.stage != Stage.CONTRACT and not lacks:
        found.append(Action(_("Next step"), at("next"), is_main=True, is_post=True))
    if row.stage == Stage.CONTRACT and not lacks:
        found.append(Action(_("Set the day of the change"), at("switch"), is_main=True))
    if row.stage == Stage.PAID or (row.stage == Stage.RENEWAL and not lacks):
        label = _("Begin the renewal") if row.stage == Stage.PAID else _("Renew")
        found.append(Action(label, at("renew"), is_main=True, is_post=True))
    if row.stage not in {Stage.SWITCH, Stage.PAID, Stage.CLOSED}:
        found += [
            Action(_("The donor pays longer"), at("extend")),
            Action(_("Nobody pays for a while"), at("suspend")),
        ]
    if row.stage != Stage.CLOSED:
        found.append(Action(_("Due date, who leads it"), at("due")))
    if row.stage in LED and row.stage != Stage.LEAD:
        found.append(Action(_("Back a step"), at("back")))
    if row.stage not in {Stage.SWITCH, Stage.CLOSED}:
        found.append(Action(_("Close the hand-over"), at("close")))
    return found


def _facts(row: Handover, paid_until: str) -> list[tuple[str, str]]:
    owner = User.objects.filter(pk=row.owner_id or 0).first()
    trial = ""
    if row.trial_starts and row.trial_ends:
        trial = f"{day_text(row.trial_starts)} – {day_text(row.trial_ends)}"
    pay = money_text(row.monthly_amount) if row.monthly_amount is not None else ""
    facts = [
        (_("To be done by"), day_text(row.due_on) if row.due_on else ""),
        (_("Who leads it"), (owner.name or owner.email) if owner else ""),
        (_("Local budget"), row.council.name if row.council else ""),
        (_("Trial"), trial),
        (_("Representative"), row.representative),
        (_("Decided"), row.get_decision_display() if row.decision else ""),
        (_("Asked for a month"), pay),
        (_("Budget programme"), row.kpkvk),
        (_("Contract"), row.contract.number if row.contract else ""),
        (_("Day of the change"), day_text(row.switch_on) if row.switch_on else ""),
        (_("Paid until"), paid_until),
        (_("Closed because"), row.closed_reason),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _needs(lacks: list[str]) -> Table:
    columns = [Column(_("What is missing"))]
    return Table("needs", _("Before the next step"), columns, [Row([text]) for text in lacks])


def _steps(row: Handover) -> Table:
    """Done, now or later, for each step."""
    here = STEPS.index(Stage(row.stage)) if row.stage != Stage.CLOSED else -1
    rows = [
        Row([str(stage.label), _("done") if at < here else _("now") if at == here else _("later")])
        for at, stage in enumerate(STEPS)
    ]
    return Table(
        "steps", _("Steps"), [Column(_("Step")), Column(_("State"))], rows if here >= 0 else []
    )


def _papers(row: Handover) -> Table:
    """What was signed, and drafts that are filled from data."""
    kept = [paper for paper in (row.memorandum, row.request, row.council_decision) if paper]
    signed = [
        Row(
            [paper.get_kind_display(), paper.number or None, paper.dated_on],
            reverse("finance:paper", args=[paper.pk]),
        )
        for paper in kept
    ]
    made: list[tuple[str, str]] = [
        (_("Evidence of demand, PDF"), reverse("handover:evidence", args=[row.pk]))
    ]
    titles = {"memorandum": _("Memorandum, draft"), "request": _("Budget request, draft")}
    for kind, title in titles.items():
        if kind == "request" and row.monthly_amount is None:
            continue
        for ending in ("pdf", "docx"):
            address = reverse("handover:draft", args=[row.pk, kind, ending])
            made.append((f"{title}, {ending.upper()}", address))
    return Table(
        "papers",
        _("Papers"),
        [Column(_("Paper")), Column(_("Number")), Column(_("Date"), Kind.DAY)],
        [*signed, *(Row([title, None, None], address) for title, address in made)],
    )


def _history(row: Handover) -> Table:
    events = LedgerEvent.objects.filter(subject="handover", subject_id=row.pk).order_by("-pk")
    shown = list(events[:NEWEST])
    names = dict(
        User.objects.filter(pk__in={event.actor_id for event in shown}).values_list("pk", "name")
    )
    return Table(
        "history",
        _("History"),
        [
            Column(_("Day"), Kind.DAY),
            Column(_("What")),
            Column(_("Step")),
            Column(_("Who")),
            Column(_("Reason")),
        ],
        [
            Row(
                [
                    event.at.astimezone(clock.KYIV).date(),
                    words_of(event.action),
                    _stage_of(event),
                    names.get(event.actor_id) or None,
                    event.reason or None,
                ]
            )
            for event in shown
        ],
    )


def _stage_of(event: LedgerEvent) -> str | None:
    """The step that the action was about, or led to."""
    stage = event.detail.get("stage", "")
    return str(Stage(stage).label) if stage in Stage.values else None


# --- Files ----------------------------------------------------------------------------------------


@access.staff(Permission.LEDGER)
@require_safe
def evidence_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = handover_of(pk)
    try:
        content = drafts.evidence(row)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("handover:page", pk)
    return _file(content, f"dovidka-{row.account.slug}.pdf", "application/pdf")


@access.staff(Permission.LEDGER)
@require_safe
def draft(request: HttpRequest, pk: int, kind: str, ending: str) -> HttpResponse:
    """Memorandum or budget request, to print or to edit."""
    if kind not in drafts.DRAFTS or ending not in {"pdf", "docx"}:
        raise Http404
    row = handover_of(pk)
    try:
        paper = drafts.DRAFTS[kind](row)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("handover:page", pk)
    content = paper.pdf() if ending == "pdf" else paper.docx()
    content_type = "application/pdf" if ending == "pdf" else DOCX
    return _file(content, f"{kind}-{row.account.slug}.{ending}", content_type)


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
