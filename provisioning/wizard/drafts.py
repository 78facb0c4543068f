"""What was typed about a new city, in the operator's session: nothing half-made in the database."""

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from provisioning.gazetteer.places import Place
from provisioning.models import Hromada
from provisioning.wizard.forms import CityForm
from provisioning.wizard.searching import place_of
from tenants.outlines import MAX_BYTES

_SESSION = "new_cities"
# One operator seldom makes more at once, and a session stays small.
_KEPT = 2
_NOT_KEPT = {"csrfmiddlewaretoken", "outline_text"}


@dataclass(frozen=True)
class Draft:
    """`fields` as they were typed; `outline` the text of the operator's own outline."""

    code: str
    fields: dict[str, str]
    outline: str = ""
    outline_name: str = ""

    def form(self) -> CityForm:
        hromada = hromada_of_code(self.code)
        if hromada is None:
            raise LookupError(self.code)
        data = {**self.fields}
        if not self.outline_name:
            data["outline_text"] = self.outline
        return CityForm(data, hromada=hromada, kept_outline=self.outline)


def hromada_of_code(code: str) -> Hromada | None:
    """The row with its outline; Crimea and an empty gazetteer have no row and need none."""
    row = Hromada.objects.filter(pk=code).first()
    place = None if row else place_of(code)
    return row or (Hromada(**_columns(place)) if place else None)


def _columns(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in Place.__slots__}


def take(request: HttpRequest, code: str) -> Draft:
    """Reads the posted form and keeps it, right or wrong. The newest two are kept."""
    key = str(request.POST.get("key", ""))[:36]
    earlier = get(request, key)
    outline, name = _outline(request, earlier)
    fields = {k: str(v) for k, v in request.POST.items() if k not in _NOT_KEPT}
    draft = Draft(code, fields, outline, name)
    kept = {k: v for k, v in request.session.get(_SESSION, {}).items() if k != key}
    if len(outline) > MAX_BYTES:
        outline, name = "", ""
    kept[key] = {"code": code, "fields": fields, "outline": outline, "outline_name": name}
    request.session[_SESSION] = dict(list(kept.items())[-_KEPT:])
    return draft


def _outline(request: HttpRequest, earlier: Draft | None) -> tuple[str, str]:
    """The text of a file, of the box, or of a file given before."""
    file = request.FILES.get("outline_file")
    if isinstance(file, UploadedFile):
        # One byte more than allowed, so that the check can say that it is too large.
        content = file.read(MAX_BYTES + 1)
        return content.decode("utf-8", errors="replace"), str(file.name)[:80]
    typed = _text(request.POST)
    if typed.strip():
        return typed, ""
    if earlier and earlier.outline_name:
        return earlier.outline, earlier.outline_name
    return "", ""


def _text(data: QueryDict) -> str:
    return str(data.get("outline_text", ""))


def get(request: HttpRequest, key: str) -> Draft | None:
    """None when it was never kept here, or is too old."""
    found = request.session.get(_SESSION, {}).get(key)
    return Draft(**found) if found else None
