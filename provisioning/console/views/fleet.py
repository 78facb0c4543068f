"""All cities: table, CSV and the points of the map."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import query
from provisioning.console.links import maybe
from provisioning.console.queries import fleet
from provisioning.console.queries.problems import PROBLEMS, served_versions
from provisioning.console.tables import Column, csv_response
from tenants.geometry import UKRAINE
from tenants.states import CityState

MAP_SECONDS = 30


def ukraine_map(points_url: str, city_url: str = "") -> dict[str, Any]:
    """Values for the data attributes of `console/_map.html`."""
    west, south, east, north = UKRAINE
    return {
        "lat": (south + north) / 2,
        "lon": (west + east) / 2,
        "zoom": 5,
        "box": ",".join(map(str, UKRAINE)),
        "tiles": settings.BASEMAP_TILES,
        "attribution": settings.BASEMAP_ATTRIBUTION,
        "points_url": points_url,
        "city_url": city_url,
    }


def _sorted_by(choice: fleet.Choice, key: str) -> Column:
    """A heading that sorts, and turns the order when it is chosen again."""
    label, _field, largest = fleet.SORTS[key]
    chosen, turned = choice.sort.removeprefix("-") == key, choice.sort.startswith("-")
    to = f"-{key}" if chosen and not turned else key
    descending = largest is not turned
    return Column(
        label,
        query(choice.values, sort="" if to == "name" else to),
        ("descending" if descending else "ascending") if chosen else "",
        key in {"week", "waiting", "errors", "storage"},
    )


def _columns(choice: fleet.Choice) -> list[Column]:
    sort = {key: _sorted_by(choice, key) for key in fleet.SORTS}
    return [
        sort["name"],
        sort["state"],
        sort["launch"],
        sort["week"],
        sort["waiting"],
        Column(_("Overdue"), is_number=True),
        sort["active"],
        Column(_("Funding")),
        Column(_("Schema")),
        sort["errors"],
        sort["storage"],
    ]


@access.staff(Permission.OPERATE)
@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """The fleet: 50 cities a page."""
    choice = fleet.Choice.of(request.GET)
    page = fleet.page_of(choice)
    points_url = reverse("platform:points") + query(choice.filters)
    context = {
        "choice": choice,
        "page": page,
        "columns": _columns(choice),
        "states": fleet.by_state(),
        "oblasts": fleet.oblasts(),
        "problems": PROBLEMS,
        "sorts": [(key, label) for key, (label, _field, _largest) in fleet.SORTS.items()],
        "is_filtered": any(choice.filters.values()),
        "newer_url": query(choice.values, page=page.page - 1) if page.page > 1 else "",
        "older_url": query(choice.values, page=page.page + 1) if page.page < page.last else "",
        "csv_url": reverse("platform:cities_csv") + query(choice.values),
        "new_city_url": maybe("platform:new_city"),
        "templates_url": maybe("platform:templates"),
        "map": ukraine_map(points_url, reverse("platform:city", args=["SLUG"])),
    }
    return render(request, "console/fleet.html", context)


@access.staff(Permission.OPERATE)
@require_safe
def cities_csv(request: HttpRequest) -> HttpResponse:
    """The same list, all of it."""
    served = served_versions()
    cities = list(fleet.found(fleet.Choice.of(request.GET), served))
    rows = fleet.rows_of(cities, served, fleet.primary_urls(cities))
    header = [
        *[
            _("City"),
            _("Oblast"),
            _("Code"),
            _("Address"),
            _("State"),
            _("Launch"),
            _("Trial ends"),
        ],
        *[
            _("Questions this week"),
            _("In moderation"),
            _("Unanswered"),
            _("Overdue"),
            _("Answered"),
        ],
        *[_("Moderator active"), _("Schema"), _("Errors"), _("Storage, bytes"), _("E-mails today")],
        *[_("Problems"), _("Figures of")],
    ]
    return csv_response("cities", header, (_csv_row(row) for row in rows))


def _csv_row(row: fleet.Row) -> list[object]:
    city, report = row.city, row.report
    return [
        *[city.name, report.oblast, city.katottg, row.url, city.get_state_display()],
        *[city.launch_on, city.trial_ends_on],
        *[report.questions_week, report.in_moderation, report.waiting, report.overdue],
        *[report.answered, report.active_at, _("behind") if row.is_behind else _("current")],
        *[report.dead_jobs, report.storage_bytes, report.mails_today],
        *["; ".join(str(problem.label) for problem in row.problems), report.reported_at],
    ]


@access.staff(Permission.OPERATE)
@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """`{"cities": [[slug, name, lat, lon, state, has problems], …]}`, cities without a centre left out.

    All 1,470 are under 100 kB; kept in the process for half a minute.
    """
    choice = fleet.Choice.of(request.GET)
    asked = hashlib.sha256(query(choice.filters).encode()).hexdigest()
    key = f"console.points:{get_language()}:{asked}"
    body = cache.get(key)
    if body is None:
        served = served_versions()
        body = [
            [
                row.city.slug,
                row.city.name,
                round(row.city.centre[0], 4),
                round(row.city.centre[1], 4),
                list(CityState.values).index(row.city.state),
                int(bool(row.problems)),
            ]
            for row in fleet.rows_of(fleet.found(choice, served), served)
            if row.city.centre
        ]
        cache.set(key, body, MAP_SECONDS)
    compact = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse({"cities": body}, json_dumps_params=compact)
