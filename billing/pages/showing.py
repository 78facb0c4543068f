"""What pages that show something are made of; `billing/pages/page.html` renders it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.pages.frame import Crumbs
from billing.reports.pages import Pages
from billing.reports.tables import Table


@dataclass(frozen=True)
class Action:
    """A button: a link to a form, or a form of its own that asks first."""

    label: str
    url: str
    is_main: bool = False
    is_post: bool = False
    confirm: str = ""


@dataclass(frozen=True)
class Filter:
    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Empty:
    """What will be here, and the way to begin."""

    title: str
    text: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Shown:
    """A page that shows: facts, tables, and what may be done."""

    title: str
    crumbs: Crumbs = ()
    badge: str = ""
    lead: str = ""
    actions: Sequence[Action] = ()
    warnings: Sequence[str] = ()
    filters: Sequence[Filter] = ()
    search: str = ""
    q: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    tables: Sequence[Table] = field(default_factory=list)
    empty: Empty | None = None
    pages: Pages | None = None


def show(request: HttpRequest, page: Shown) -> HttpResponse:
    names = page.__dataclass_fields__
    context = {name: getattr(page, name) for name in names}
    return render(request, "billing/pages/page.html", context)
