"""What all calls share: JSON alone, small bodies, problems instead of pages."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from bezpechne.accounts.access import access_of
from bezpechne.kernel import problems
from bezpechne.kernel.actors import Actor

# A city is made from a dozen short fields.
MAX_BODY = 16 * 1024


class Problem(exceptions.APIException):
    """Ends a call with a problem; `more` are members of its kind."""

    def __init__(self, status: int, kind: str, detail: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.body = problems.body_of(status, kind, detail, **more)


def _fields(errors: Any, prefix: str = "") -> list[dict[str, str]]:
    """A serializer's errors as a flat list of field and sentence."""
    if isinstance(errors, dict):
        return [
            line
            for name, inner in errors.items()
            for line in _fields(inner, f"{prefix}.{name}" if prefix else str(name))
        ]
    return [{"field": prefix, "detail": str(error)} for error in errors]


def invalid(**errors: str) -> Problem:
    """One sentence for each field that has to be mended."""
    return _invalid([{"field": name, "detail": text} for name, text in errors.items()])


def _invalid(errors: list[dict[str, str]]) -> Problem:
    names = ", ".join(dict.fromkeys(line["field"] for line in errors))
    return Problem(422, "invalid-fields", f"Mend these fields: {names}.", errors=errors)


def _as_problem(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return _invalid(_fields(error.detail))
        case exceptions.ParseError():
            return Problem(400, "", f"The body is not JSON: {error.detail}")
        case exceptions.APIException():
            return Problem(error.status_code, "")
        case Http404() | PermissionDenied():
            return Problem(404 if isinstance(error, Http404) else 403, "")
        case RequestDataTooBig():
            return Problem(413, "")
        case BadRequest():
            return Problem(400, "")
    return None


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None leaves a fault of ours to the site's handler."""
    known = _as_problem(error)
    if known is None:
        return None
    response = Response(known.body, status=known.status_code, content_type=problems.CONTENT_TYPE)
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


class Json(JSONParser):
    """Lists in lists in lists end the parser, not the server."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise exceptions.ParseError("it is nested too deeply.") from error


class ApiView(APIView):
    """A call of the API. The class declares its access, like a view of the site."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (Json,)
    metadata_class = None
    http_method_names = ["get", "head", "post"]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The declaration of the class goes with its view."""
        view = super().as_view(**initkwargs)
        declared = access_of(cls)
        if declared is not None:
            view.access = declared  # type: ignore[attr-defined] # accounts.access reads it
        return view

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return explain

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Runs before the call itself."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise Problem(413, "", f"The body is larger than {MAX_BODY} bytes.")
        super().initial(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        """The token's, for actions."""
        actor: Actor = self.request._request.api_token.actor  # type: ignore[attr-defined]
        return actor

    @staticmethod
    def checked(serializer: BaseSerializer[Any]) -> dict[str, Any]:
        """The values, or a problem that names the fields."""
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
