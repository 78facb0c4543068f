"""The console's page of one city's domains."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import throttle
from bezpechne.kernel.faults import too_many
from provisioning.journal_words import WORDS, words_of
from provisioning.models import JournalEntry
from provisioning.renaming import RenamingRefused, rename_slug, subdomain
from tenants.domains import actions, names, queries
from tenants.domains.outcomes import Problem
from tenants.domains.timing import expires_at, record_is_lost
from tenants.models import City, Domain

# «Check now» holds a thread while DNS answers.
CHECKS, CHECKS_WINDOW = 20, timedelta(minutes=10)
SHOWN_ENTRIES = 10
# Entries of the journal that the page shows.
_ABOUT_NAMES = [action for action in WORDS if action.startswith(("domain_", "slug_"))]


class DomainForm(forms.Form):
    """The name is checked by the action, which offers a better one."""

    name = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=1000,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("For example police.poltava.ua or поліція.укр, without https://."),
    )


class SlugForm(forms.Form):
    """The first part of the platform's subdomain."""

    slug = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )


def _row(domain: Domain) -> dict[str, Any]:
    """What the table and the cards show of one domain."""
    return {
        "domain": domain,
        "name": names.display(domain.domain),
        "own": names.is_own(domain.domain),
        "lost": record_is_lost(domain),
        "problem": Problem(domain.check_error).label if domain.check_error else "",
        "record": names.record_name(domain.domain),
        "expires_at": expires_at(domain),
    }


def _page(request: HttpRequest, city: City, **more: Any) -> HttpResponse:
    rows = [_row(domain) for domain in queries.domains_of(city)]
    entries = JournalEntry.objects.filter(city_id=city.pk, action__in=_ABOUT_NAMES).order_by("-id")
    context = {
        "subject": city,
        "served": [row for row in rows if row["domain"].verified_at],
        "waiting": [row for row in rows if not row["domain"].verified_at],
        "target": subdomain(city.slug),
        "addresses": settings.SERVER_ADDRESSES,
        "base_host": settings.BASE_HOST,
        "entries": [
            (entry, words_of(entry.action), _names_in(entry)) for entry in entries[:SHOWN_ENTRIES]
        ],
        "form": DomainForm(),
        "slug_form": SlugForm(initial={"slug": city.slug}, prefix="rename"),
        **more,
    }
    status = 422 if any(getattr(form, "errors", None) for form in more.values()) else 200
    return render(request, "provisioning/domains.html", context, status=status)


def _names_in(entry: JournalEntry) -> str:
    """The names that an entry is about."""
    old, new = entry.detail.get("old", ""), entry.detail.get("new", "")
    if entry.action == "slug_renamed":
        return f"{old} → {new}"
    return names.display(str(entry.detail.get("domain", "")))


def _city(slug: str) -> City:
    return get_object_or_404(City.objects.defer("outline"), slug=slug)


def _domain(slug: str, pk: int) -> Domain:
    """A domain of the city in the address and of no other."""
    rows = Domain.objects.select_related("tenant").defer("tenant__outline")
    return get_object_or_404(rows, pk=pk, tenant__slug=slug)


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def domains(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, what is to be done about each, and the form that adds one."""
    city = _city(slug)
    if request.method != "POST":
        return _page(request, city)
    form, suggestion = DomainForm(request.POST), ""
    if form.is_valid():
        try:
            made = actions.add(
                by=access.actor_of(request), city=city, name=form.cleaned_data["name"]
            )
        except names.NameRefused as refusal:
            form.add_error("name", str(refusal))
            suggestion = refusal.suggestion
        except actions.DomainRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            said = _("%(name)s is added. Now set its record in DNS.")
            messages.success(request, said % {"name": names.display(made.domain)})
            return redirect("platform:domains", slug)
    return _page(request, city, form=form, suggestion=suggestion)


def _act(request: HttpRequest, slug: str, act: Callable[[], str]) -> HttpResponse:
    """Runs one action and says what came of it."""
    try:
        messages.success(request, act())
    except actions.DomainRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("platform:domains", slug)


@access.staff(Permission.OPERATE)
@require_POST
def check(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks DNS now."""
    domain = _domain(slug, pk)
    if not throttle.allow("domain_check", str(pk), limit=CHECKS, window=CHECKS_WINDOW):
        wait = throttle.left("domain_check", str(pk))
        return too_many(request, wait, back=reverse("platform:domains", args=[slug]))
    try:
        fresh = actions.check(by=access.actor_of(request), domain=domain)
    except actions.DomainRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("platform:domains", slug)
    name = names.display(fresh.domain)
    if fresh.check_error:
        said = _("The check of %(name)s did not succeed. The reason stands below.")
        messages.warning(request, said % {"name": name})
    else:
        said = _("%(name)s is confirmed. The site opens there as soon as the name leads here.")
        messages.success(request, said % {"name": name})
    return redirect("platform:domains", slug)


@access.staff(Permission.OPERATE)
@require_POST
def primary(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Links of new letters lead there from now on."""
    domain = _domain(slug, pk)

    def act() -> str:
        actions.make_primary(by=access.actor_of(request), domain=domain)
        return _("%(name)s is the primary domain now.") % {"name": names.display(domain.domain)}

    return _act(request, slug, act)


@access.staff(Permission.OPERATE)
@require_POST
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The name is no longer the city's."""
    domain = _domain(slug, pk)

    def act() -> str:
        actions.remove(by=access.actor_of(request), domain=domain)
        return _("%(name)s is removed.") % {"name": names.display(domain.domain)}

    return _act(request, slug, act)


@access.staff(Permission.OPERATE)
@require_POST
def rename(request: HttpRequest, slug: str) -> HttpResponse:
    """Another short name; the old subdomain redirects."""
    city = _city(slug)
    form = SlugForm(request.POST, prefix="rename")
    if not form.is_valid():
        return _page(request, city, slug_form=form)
    try:
        city = rename_slug(by=access.actor_of(request), city=city, slug=form.cleaned_data["slug"])
    except RenamingRefused as refusal:
        form.add_error("slug", str(refusal))
        return _page(request, city, slug_form=form)
    messages.success(request, _("The short name is %(slug)s now.") % {"slug": city.slug})
    return redirect("platform:domains", city.slug)
