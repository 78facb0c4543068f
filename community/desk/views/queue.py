"""The queue: lists, filters and the search."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from community.answers.unit_field import unchecked
from community.desk import finding, queries
from community.desk.filters import AGE_CHOICES, ME, NOBODY, Filters
from community.desk.forms import FilterUnitForm
from community.desk.views.bulk import bulk_unit, result_of
from community.desk.views.page import person_of
from community.questions.forms import typed
from community.questions.models import Question, Topic
from community.questions.queries import tallies
from community.questions.words import number_in
from tenants.current import current_city
from tenants.limits import usage_now


@access.staff(Permission.MODERATE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One tab, or what a search found; 50 a page."""
    filters = Filters.read(request.GET)
    text = finding.kept(request, filters.found)
    if filters.found and not text:
        messages.info(request, _("That search is over. Type it again."))
        return redirect(f"{reverse('desk:queue')}{filters.query(found='')}")
    tab = queries.FOUND if text else filters.tab
    rows = finding.questions_with(text).select_related("topic") if text else queries.listed(tab)
    page = queries.page(tab, filters.narrow(rows, person_of(request)), request.GET.get("after", ""))
    after = request.GET.get("after", "")
    context = {
        **_tabs(filters, text),
        **_choices(request, filters),
        "rows": _with_holders(page.rows),
        "first_url": filters.query() or reverse("desk:queue") if after else "",
        "next_url": queries.next_page(filters.query(), page.after),
        **result_of(request),
        "bulk_key": uuid4(),
        **(bulk_unit(request) if filters.tab == "to_route" else {}),
        "city_needs_centre": current_city().centre is None,
        "may_administer": (administers := access.may(request, Permission.ADMINISTER)),
        "usage": usage_now() if administers else None,
    }
    return render(request, "desk/queue.html", context)


@access.staff(Permission.MODERATE)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """A number leads to its question; anything else to what was found, under a key that says nothing."""
    text = typed(request.POST.get("q", ""))
    filters = Filters.read(request.GET)
    if not text:
        return redirect(f"{reverse('desk:queue')}{filters.query(found='')}")
    number = number_in(text)
    if number is not None and finding.known().filter(pk=number).exists():
        return redirect("desk:item", number)
    return redirect(f"{reverse('desk:queue')}{filters.query(found=finding.keep(request, text))}")


def _tabs(filters: Filters, text: str) -> dict[str, Any]:
    counts = queries.tab_counts(tallies())
    tabs = [
        {
            "tab": tab,
            "count": counts[tab.key],
            "current": tab.key == filters.tab and not text,
            "url": filters.query(tab=tab.key, found="") or reverse("desk:queue"),
        }
        for tab in queries.TABS
        # A quiet list of trouble needs no place among the others.
        if tab.key != "bouncing" or counts[tab.key] or filters.tab == tab.key
    ]
    current = next(tab for tab in queries.TABS if tab.key == filters.tab)
    return {"tabs": tabs, "current_tab": current, "searched": text, "filters": filters}


def _choices(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """What the filters offer, and the way out of them."""
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    units = FilterUnitForm(request.GET, auto_id="f-%s")
    if looked_for := bool(request.GET.get("unit-words")):
        unchecked(units)
    return {
        "topics": Topic.objects.filter(is_active=True),
        "unit_choice": units,
        "unit_looked_for": looked_for,
        "people": [person for person in people if person.pk != person_of(request)],
        "ages": AGE_CHOICES,
        "me": ME,
        "nobody": NOBODY,
        "all_url": Filters(tab=filters.tab, found=filters.found).query() or reverse("desk:queue"),
    }


def _with_holders(rows: list[Question]) -> list[Question]:
    """Sets `holder` of each row: the person's account or None."""
    holders = queries.holders(rows)
    for row in rows:
        row.holder = holders.get(row.pk)  # type: ignore[attr-defined] # for the template
    return rows
