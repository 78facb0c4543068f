"""Who does the work: a list, one of each, and whose agreement it is."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing import contractors as actions
from billing.identifiers import normalised_iban
from billing.models import Contractor
from billing.pages.fields import MoneyForm
from billing.pages.frame import Crumbs, FormPage, show_form
from billing.pages.showing import Action, Empty, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Row, Table

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


class ContractorForm(MoneyForm, forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    class Meta:
        model = Contractor
        fields = actions.CONTRACTOR_FIELDS
        labels = {
            "name": gettext_lazy("Name as papers have it"),
            "code": gettext_lazy("EDRPOU, or a person’s tax number"),
            "address": gettext_lazy("Address"),
            "iban": gettext_lazy("Account (IBAN)"),
            "bank": gettext_lazy("Bank"),
            "contact": gettext_lazy("Phone or e-mail"),
            "position": gettext_lazy("Office of who signs"),
            "signatory": gettext_lazy("Who signs"),
            "basis": gettext_lazy("What who signs acts by"),
        }
        help_texts = {
            "name": gettext_lazy("«ФОП Коваль Олена Іванівна» or «ГО «Київ мрії»»."),
            "code": gettext_lazy("Shown on papers alone."),
            "position": gettext_lazy("Empty for who signs for themselves."),
            "basis": gettext_lazy("«Статут», for an organisation."),
        }

    def clean_iban(self) -> str:
        return normalised_iban(self.cleaned_data["iban"])


def _crumbs() -> Crumbs:
    return [
        (_("Payers"), reverse("finance:payers")),
        (_("Who does the work"), reverse("finance:contractors")),
    ]


@access.staff(Permission.LEDGER)
@require_safe
def contractors(request: HttpRequest) -> HttpResponse:
    """All of them by name; two queries a page."""
    may = access.may(request, Permission.FINANCE)
    rows = Contractor.objects.order_by("name", "pk")
    pages = Pages(page_number(request.GET), rows.count(), address_of())
    table = Table(
        "contractors",
        _("Who does the work"),
        [Column(_("Name")), Column(_("Who signs")), Column(_("Bank"))],
        [
            Row(
                [row.name, row.signatory or None, row.bank or None],
                reverse("finance:edit_contractor", args=[row.pk]) if may else "",
            )
            for row in rows[pages.offset : pages.offset + pages.size]
        ],
    )
    new = reverse("finance:new_contractor")
    page = Shown(
        title=_("Who does the work"),
        crumbs=_crumbs()[:1],
        lead=_("The other side of the payers’ agreements: acts and invoices carry its requisites."),
        actions=[Action(_("Add a contractor"), new, is_main=True)] if may else [],
        tables=[table],
        pages=pages,
        empty=None
        if table.rows
        else Empty(
            _("Nobody is here"), _("Acts can be drawn up once it is known who does the work.")
        ),
    )
    return show(request, page)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_contractor(request: HttpRequest) -> HttpResponse:
    return _edit(request, Contractor(), _("New contractor"))


@access.staff(Permission.FINANCE)
@GET_OR_POST
def edit_contractor(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Contractor, pk=pk)
    return _edit(request, row, row.name)


def _edit(request: HttpRequest, row: Contractor, title: str) -> HttpResponse:
    form = ContractorForm(request.POST or None, instance=row)
    page = FormPage(title, _("Save"), _crumbs(), reverse("finance:contractors"))

    def act() -> None:
        contractor = form.save(commit=False)
        actions.save_contractor(by=access.actor_of(request), contractor=contractor)

    return show_form(request, page, form, act, _("The contractor is saved."))
