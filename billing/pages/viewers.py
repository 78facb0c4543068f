"""People who look at the money: who they are, what they see, inviting, ending."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission, Role
from billing import viewers as actions
from billing.errors import LedgerRefused
from billing.models import CityAccount, Payer, ViewerScope
from billing.pages.fields import MoneyForm, RowField
from billing.pages.frame import Crumbs, FormPage, show_form
from billing.scopes import add_scope, remove_scope
from billing.states import PayerKind

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _payer_name(payer: Payer) -> str:
    return str(payer.name)


def _account_name(account: CityAccount) -> str:
    return account.name


class PayersField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # generic only in stubs
    def label_from_instance(self, obj: Any) -> str:
        return _payer_name(obj)


class ViewerForm(MoneyForm):
    """Whom to invite, and what they will see."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy(
            "The person gets a link, which works for 7 days, and chooses a password."
        ),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of letters"), choices=[("uk", "Українська"), ("en", "English")]
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What the person sees"),
        widget=forms.RadioSelect,
        choices=[
            (Role.FINANCE_VIEWER, gettext_lazy("The whole ledger, without changing it")),
            (Role.DONOR_VIEWER, gettext_lazy("Reports on the money of donors chosen below")),
            (Role.CITY_FINANCE, gettext_lazy("Reports on the city chosen below")),
        ],
    )
    payers = PayersField(
        queryset=None,
        label=gettext_lazy("Donors"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    account = RowField(label=gettext_lazy("City"), named=_account_name, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("payers", Payer.objects.filter(kind=PayerKind.DONOR).order_by("name"))
        self.offer("account", CityAccount.objects.order_by("name_sort"))

    def about(self) -> list[Payer | CityAccount]:
        """What goes with the role; what was chosen for another is left."""
        data = self.cleaned_data
        if data["role"] == Role.DONOR_VIEWER:
            return list(data["payers"])
        if data["role"] == Role.CITY_FINANCE and data["account"]:
            return [data["account"]]
        return []


class PayerScopeForm(MoneyForm):
    about = RowField(label=gettext_lazy("Donor"), named=_payer_name)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("about", Payer.objects.filter(kind=PayerKind.DONOR).order_by("name"))


class CityScopeForm(MoneyForm):
    about = RowField(label=gettext_lazy("City"), named=_account_name)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("about", CityAccount.objects.order_by("name_sort"))


_SCOPE_FORMS: dict[str, type[PayerScopeForm | CityScopeForm]] = {
    Role.DONOR_VIEWER: PayerScopeForm,
    Role.CITY_FINANCE: CityScopeForm,
}


@access.staff(Permission.LEDGER)
@require_safe
def viewers(request: HttpRequest) -> HttpResponse:
    """Everybody with a finance role. Addresses are for those alone who write to them."""
    context = {
        "viewers": actions.viewers(),
        "may": access.may(request, Permission.FINANCE),
        "crumbs": _crumbs()[:-1],
    }
    return render(request, "billing/pages/viewers.html", context)


def _crumbs() -> Crumbs:
    return [
        (_("Finance"), reverse("finance:home")),
        (_("Viewers"), reverse("finance:viewers")),
    ]


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_viewer(request: HttpRequest) -> HttpResponse:
    form = ViewerForm(request.POST or None)
    back = reverse("finance:viewers")
    page = FormPage(_("Invite a viewer"), _("Send the invitation"), _crumbs(), back)

    def act() -> str:
        data = form.cleaned_data
        actions.invite_viewer(
            by=access.actor_of(request),
            email=data["email"],
            name=data["name"],
            role=data["role"],
            about=form.about(),
            language=data["language"],
        )
        return back

    return show_form(request, page, form, act, _("The invitation is on its way."))


def _viewer(pk: int) -> User:
    return get_object_or_404(User, pk=pk, role__in=actions.VIEWER_ROLES)


@access.staff(Permission.FINANCE)
@GET_OR_POST
def new_scope(request: HttpRequest, pk: int) -> HttpResponse:
    """One more donor or city for a person."""
    user = _viewer(pk)
    if user.role not in _SCOPE_FORMS:
        raise Http404
    form = _SCOPE_FORMS[user.role](request.POST or None)
    back = reverse("finance:viewers")
    page = FormPage(
        title=_("Let a viewer see more"),
        button=_("Add"),
        crumbs=_crumbs(),
        back=back,
        lines=[f"{user.name}: {user.get_role_display()}"],
    )

    def act() -> str:
        add_scope(by=access.actor_of(request), user=user, about=form.cleaned_data["about"])
        return back

    return show_form(request, page, form, act, _("The person sees it now."))


@access.staff(Permission.FINANCE)
@require_POST
def drop_scope(request: HttpRequest, pk: int) -> HttpResponse:
    remove_scope(by=access.actor_of(request), scope=get_object_or_404(ViewerScope, pk=pk))
    messages.success(request, _("The person sees it no more."))
    return redirect("finance:viewers")


@access.staff(Permission.FINANCE)
@require_POST
def change_viewer(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Sends the invitation again, ends the access, or gives it back."""
    changes = {
        "send": (actions.send_again, _("The invitation is on its way.")),
        "close": (actions.close, _("The access is ended.")),
        "reopen": (actions.reopen, _("The access is given back.")),
    }
    if what not in changes:
        raise Http404
    change, done = changes[what]
    try:
        change(by=access.actor_of(request), user=_viewer(pk))
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done)
    return redirect("finance:viewers")
