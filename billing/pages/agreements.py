"""One agreement: its terms, its papers, who does the work under it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing import contractors as actions
from billing.models import Act, Contractor, FundingAgreement
from billing.pages.documents import acts_table
from billing.pages.fields import MoneyForm, RowField
from billing.pages.frame import Crumbs, FormPage, show_form
from billing.pages.showing import Action, Shown, show
from billing.reports.tables import Column, Kind, Row, Table
from billing.wording import day_text, money_text

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
NEWEST = 24


def _name(row: Contractor) -> str:
    return row.name


class AssignForm(MoneyForm):
    contractor = RowField(label=gettext_lazy("Who does the work"), named=_name)

    def __init__(self, agreement: FundingAgreement, *args: object, **kwargs: object) -> None:
        kwargs["initial"] = {"contractor": agreement.contractor_id}
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as Django gets them
        self.offer("contractor", Contractor.objects.order_by("name"))


def agreement_crumbs(agreement: FundingAgreement) -> Crumbs:
    account = agreement.account
    return [
        (_("Cities"), reverse("finance:accounts")),
        (account.name, reverse("finance:account", args=[account.slug])),
    ]


@access.staff(Permission.LEDGER)
@require_safe
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Terms, papers and the newest acts; four queries."""
    rows = FundingAgreement.objects.select_related("payer", "account", "grant", "contractor")
    row = get_object_or_404(rows, pk=pk)
    acts = Act.objects.filter(agreement=row).select_related("payer", "account").order_by("-pk")
    page = Shown(
        title=_("Agreement %(number)s") % {"number": row.number},
        crumbs=agreement_crumbs(row),
        actions=_actions(row) if access.may(request, Permission.FINANCE) else [],
        facts=_facts(row),
        tables=[_papers(row), acts_table(acts[:NEWEST])],
    )
    return show(request, page)


def _actions(row: FundingAgreement) -> list[Action]:
    return [
        Action(_("Who does the work"), reverse("finance:assign_contractor", args=[row.pk])),
        Action(_("Change the last day"), reverse("finance:agreement_end", args=[row.pk])),
    ]


def _facts(row: FundingAgreement) -> list[tuple[str, str]]:
    days = f"{day_text(row.starts_on)} – {day_text(row.ends_on)}"
    facts = [
        (_("Payer"), row.payer.name),
        (_("City"), row.account.name),
        (_("Signed on"), day_text(row.signed_on)),
        (_("Valid"), days),
        (_("Source of the money"), row.get_source_display()),
        (_("What is paid"), row.get_basis_display()),
        (_("How the moderator is engaged"), row.get_engagement_display()),
        (_("Pay for a whole month"), money_text(row.monthly_amount)),
        (_("Budget programme"), row.kpkvk),
        (_("Economic classification"), row.kekv),
        (_("Grant"), row.grant.number if row.grant else ""),
        (_("Who does the work"), row.contractor.name if row.contractor else _("not said yet")),
        (_("Note"), row.note),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _papers(row: FundingAgreement) -> Table:
    return Table(
        "papers",
        _("Papers"),
        [Column(_("Kind")), Column(_("Number")), Column(_("Date"), Kind.DAY)],
        [
            Row(
                [paper.get_kind_display(), paper.number or None, paper.dated_on],
                reverse("finance:paper", args=[paper.pk]),
            )
            for paper in row.papers.order_by("-pk")
        ],
    )


@access.staff(Permission.FINANCE)
@GET_OR_POST
def assign_contractor(request: HttpRequest, pk: int) -> HttpResponse:
    """Who does the work of one agreement."""
    agreement = get_object_or_404(FundingAgreement.objects.select_related("account"), pk=pk)
    form = AssignForm(agreement, request.POST or None)
    back = reverse("finance:agreement", args=[agreement.pk])
    page = FormPage(
        title=_("Who does the work under %(number)s") % {"number": agreement.number},
        button=_("Save"),
        crumbs=[*agreement_crumbs(agreement), (agreement.number, back)],
        back=back,
        lines=[]
        if Contractor.objects.exists()
        else [_("Nobody is known yet. Add a contractor first.")],
    )

    def act() -> None:
        actions.assign(
            by=access.actor_of(request),
            agreement=agreement,
            contractor=form.cleaned_data["contractor"],
        )

    return show_form(request, page, form, act, _("It is known who does the work."))
