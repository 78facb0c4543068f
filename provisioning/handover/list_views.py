"""All hand-overs, and a new one."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from billing.pages.frame import FormPage, show_form
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Kind, Row, Table
from provisioning.handover import actions
from provisioning.handover.forms import NewForm
from provisioning.handover.models import Handover
from provisioning.handover.states import Stage


@access.staff(Permission.LEDGER)
@require_safe
def handovers(request: HttpRequest) -> HttpResponse:
    """Those that are due first; three queries a page."""
    stage = request.GET.get("stage", "")
    rows = Handover.objects.select_related("account")
    numbers = dict(Handover.objects.values_list("stage").annotate(Count("pk")).order_by())
    open_ones = sum(count for name, count in numbers.items() if name != Stage.CLOSED)
    one = stage in Stage.values
    rows = rows.filter(stage=stage) if one else rows.exclude(stage=Stage.CLOSED)
    pages = Pages(page_number(request.GET), rows.count(), address_of(stage=stage))
    ordered = rows.order_by("due_on", "account__name_sort", "pk")
    table = _table(list(ordered[pages.offset : pages.offset + pages.size]))
    new = Action(_("Begin a hand-over"), reverse("handover:new"), is_main=True)
    page = Shown(
        title=_("Hand-overs"),
        lead=_("From the donor to the local budget, step by step."),
        actions=[new] if access.may(request, Permission.FINANCE) else [],
        filters=[
            Filter(_("Open"), "?", stage not in Stage.values, open_ones),
            *(
                Filter(str(label), f"?stage={value}", value == stage, numbers[value])
                for value, label in Stage.choices
                if value in numbers
            ),
        ],
        tables=[table],
        pages=pages,
        empty=None
        if table.rows
        else Empty(
            _("No hand-over is here"),
            _("Begin one when a city’s council is to take over from the donor."),
        ),
    )
    return show(request, page)


def _table(rows: list[Handover]) -> Table:
    today = clock.today()
    return Table(
        "handovers",
        _("Hand-overs"),
        [
            Column(_("City")),
            Column(_("Step")),
            Column(_("Since"), Kind.DAY),
            Column(_("To be done by"), Kind.DAY),
            Column(_("State")),
        ],
        [
            Row(
                [
                    row.account.name,
                    row.get_stage_display(),
                    row.stage_since,
                    row.due_on,
                    _("overdue") if row.due_on and row.due_on < today else "",
                ],
                reverse("handover:page", args=[row.pk]),
            )
            for row in rows
        ],
    )


@access.staff(Permission.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """For a city of the ledger that has none open."""
    form = NewForm(request.POST or None)
    back = reverse("handover:list")
    page = FormPage(
        title=_("Begin a hand-over"),
        button=_("Begin"),
        crumbs=[(_("Hand-overs"), back)],
        back=back,
        lines=[_("The city is not there? Enter it into the ledger first.")],
    )

    def act() -> str:
        row = actions.open_handover(
            by=access.actor_of(request), account=form.cleaned_data["account"]
        )
        return reverse("handover:page", args=[row.pk])

    return show_form(request, page, form, act, _("The hand-over is begun."))
