"""The one shape of all pages with a form: typed text stays, a refusal stands at its field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from billing.errors import LedgerRefused
from billing.pages.fields import MoneyForm, ReasonForm

# (label, address); the last one has no address: it is the page itself.
Crumbs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class FormPage:
    """`lines` say in words what the form will do. `danger` marks what takes something back."""

    title: str
    button: str
    crumbs: Crumbs
    back: str
    lines: Sequence[str] = field(default_factory=list)
    danger: bool = False
    is_upload: bool = False


def show_form(
    request: HttpRequest,
    page: FormPage,
    form: MoneyForm,
    act: Callable[[], str | None],
    done: str,
) -> HttpResponse:
    """Runs `act` for a valid form, says `done`, and goes to the address that it returns, or back."""
    if request.method == "POST" and form.is_valid():
        try:
            address = act()
        except LedgerRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, done)
            return redirect(address or page.back)
    status = 422 if form.is_bound else 200
    context = {"page": page, "form": form}
    return render(request, "billing/pages/form.html", context, status=status)


def ask_reason(
    request: HttpRequest, page: FormPage, act: Callable[[str], object], done: str
) -> HttpResponse:
    """The page of what cannot be undone without a trace: `act` gets the reason."""
    form = ReasonForm(request.POST or None)

    def run() -> None:
        act(form.cleaned_data["reason"])

    return show_form(request, page, form, run, done)
