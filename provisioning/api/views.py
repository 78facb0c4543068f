"""Calls of `/api/v1/`."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bezpechne.accounts import access
from provisioning import life
from provisioning.api import places
from provisioning.api.base import ApiView, Problem
from provisioning.api.making import make_city
from provisioning.api.reading import described, shown
from provisioning.api.serializers import (
    CitiesQuery,
    CityOut,
    CityPage,
    HromadaOut,
    HromadaPage,
    HromadasQuery,
    LaunchBody,
    NewCity,
    ProblemOut,
    ResumeBody,
    RunOut,
    Strict,
    SuspendBody,
    api_url,
)
from provisioning.models import ProvisioningRun, Scope
from tenants.models import City

READ_HROMADAS, READ, WRITE = Scope.HROMADAS_READ, Scope.CITIES_READ, Scope.CITIES_WRITE
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The same key with the same body gets the same city, however often it is sent.",
)


def _next(path: str, asked: dict[str, Any], after: str | None) -> str | None:
    kept = {name: value for name, value in asked.items() if value and name != "after"}
    return api_url(f"{path}?{urlencode({**kept, 'after': after})}") if after else None


def _city(slug: str) -> City:
    found = City.objects.defer("outline").filter(slug=slug).first()
    if found is None:
        raise Problem(404, "no-such-city", f"No city has the slug “{slug}”.")
    return found


@access.by_token(READ_HROMADAS)
class Hromadas(ApiView):
    @extend_schema(
        operation_id="list_hromadas",
        parameters=[HromadasQuery],
        responses={200: HromadaPage, 422: ProblemOut},
    )
    def get(self, request: Request) -> Response:
        """Search hromadas, or list them in Ukrainian order.

        With `q` the answer holds all exact matches, else up to five nearest names.
        """
        asked = self.checked(HromadasQuery(data=request.query_params))
        if asked["q"].strip():
            match = places.search(asked["q"], asked["oblast"], asked["raion"])
            found = match.exact or match.nearest
            kind = "exact" if match.exact else "nearest"
            return Response({"match": kind, "items": described(found), "next": None})
        rows = places.within(places.all_places(), asked["oblast"], asked["raion"])
        codes = [place.code for place in rows]
        start = codes.index(asked["after"]) + 1 if asked["after"] in codes else 0
        page = rows[start : start + asked["limit"]]
        more = start + len(page) < len(rows)
        after = _next(request.path, asked, page[-1].code if more else None)
        return Response({"match": "list", "items": described(page), "next": after})


@access.by_token(READ_HROMADAS)
class Hromada(ApiView):
    @extend_schema(operation_id="read_hromada", responses={200: HromadaOut, 404: ProblemOut})
    def get(self, request: Request, code: str) -> Response:
        """One hromada by its KATOTTG code."""
        place = places.by_code(code)
        if place is None:
            raise Problem(404, "no-such-hromada", f"No hromada has the code {code}.")
        return Response(described([place])[0])


@access.by_token(READ, write=WRITE)
class Cities(ApiView):
    @extend_schema(
        operation_id="list_cities",
        parameters=[CitiesQuery],
        responses={200: CityPage, 422: ProblemOut},
    )
    def get(self, request: Request) -> Response:
        """Cities by slug."""
        asked = self.checked(CitiesQuery(data=request.query_params))
        rows = City.objects.defer("outline").filter(slug__gt=asked["after"]).order_by("slug")
        if asked["state"]:
            rows = rows.filter(state=asked["state"])
        found = list(rows[: asked["limit"] + 1])
        page = found[: asked["limit"]]
        after = _next(request.path, asked, page[-1].slug if len(found) > len(page) else None)
        return Response({"items": shown(page), "next": after})

    @extend_schema(
        operation_id="make_city",
        parameters=[KEY],
        request=NewCity,
        responses={201: CityOut, 400: ProblemOut, 409: ProblemOut, 422: ProblemOut},
    )
    def post(self, request: Request) -> Response:
        """Make a city, in about a second. A repeated call gets the same answer.

        A name that several hromadas have is never guessed: the answer 422 lists them all.
        """
        values = self.checked(NewCity(data=request.data))
        header = request.headers.get("Idempotency-Key")
        city = make_city(by=self.actor, header=header, body=request.data, values=values)
        response = Response(shown([city])[0], status=201)
        response["Location"] = api_url(f"{request.path}/{city.slug}")
        return response


@access.by_token(READ)
class OneCity(ApiView):
    @extend_schema(operation_id="read_city", responses={200: CityOut, 404: ProblemOut})
    def get(self, request: Request, slug: str) -> Response:
        """One city."""
        return Response(shown([_city(slug)])[0])


@access.by_token(READ)
class Provisioning(ApiView):
    @extend_schema(operation_id="read_provisioning", responses={200: RunOut, 404: ProblemOut})
    def get(self, request: Request, slug: str) -> Response:
        """The run that made the city, with the time of each step."""
        city = _city(slug)
        runs = ProvisioningRun.objects.filter(slug=slug, katottg=city.katottg)
        run = runs.exclude(way="").order_by("-id").first() or runs.order_by("-id").first()
        if run is None:
            raise Problem(404, "no-run", "This city came here without a provisioning run.")
        return Response(RunOut(run).data)


def _change(takes: type[Strict], action: Callable[..., City]) -> type[ApiView]:
    """A change of state by one action; refuses with 409 what the state does not allow."""

    class Change(ApiView):
        @extend_schema(
            operation_id=f"{action.__name__}_city",
            description=action.__doc__,
            request=takes,
            responses={200: CityOut, 404: ProblemOut, 409: ProblemOut, 422: ProblemOut},
        )
        def post(self, request: Request, slug: str) -> Response:
            values = self.checked(takes(data=request.data))
            try:
                city = action(by=self.actor, city=_city(slug), **values)
            except life.CityChangeRefused as refusal:
                raise Problem(409, "state-forbids", str(refusal)) from refusal
            return Response(shown([city])[0])

    return access.by_token(WRITE)(Change)


Launch = _change(LaunchBody, life.launch)
Suspend = _change(SuspendBody, life.suspend)
Resume = _change(ResumeBody, life.resume)
