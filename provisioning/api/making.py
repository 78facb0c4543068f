"""One city from one call, repeatable by its key, never from a guess."""

import hashlib
import json
import re
from typing import Any

from django.core.exceptions import ValidationError

from bezpechne.kernel.actors import Actor
from provisioning.api.base import Problem, invalid
from provisioning.api.places import row_of, search
from provisioning.api.reading import described
from provisioning.gazetteer.places import Place
from provisioning.models import ProvisioningRun
from provisioning.provisioning import ProvisioningRefused, Request, provision
from tenants.models import City

_KEY = re.compile(r"[\x21-\x7e]{8,64}")


def key_of(header: str | None, by: Actor) -> str:
    """Keys of one token mean nothing with another."""
    if not header:
        raise Problem(
            400,
            "no-key",
            "Send Idempotency-Key, a fresh UUID for each new city, the same when you repeat.",
        )
    if not _KEY.fullmatch(header):
        raise Problem(400, "bad-key", "Idempotency-Key has 8 to 64 visible ASCII characters.")
    return f"api:{by.id}:{hashlib.sha256(header.encode()).hexdigest()[:48]}"


def digest_of(body: Any) -> str:
    """Equal for bodies that say the same, whatever their order and spaces."""
    said = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _one(query: str, oblast: str) -> Place:
    match = search(query, oblast, "")
    if len(match.exact) == 1:
        return match.exact[0]
    if match.exact:
        raise Problem(
            422,
            "ambiguous-place",
            f"“{query}” names {len(match.exact)} hromadas. Repeat with the code of one.",
            candidates=described(match.exact),
        )
    raise Problem(
        422,
        "unknown-place",
        f"No hromada is called “{query}”. The nearest names are in `candidates`."
        if match.nearest
        else f"No hromada is called “{query}”. Search in /api/v1/hromadas?q=…",
        candidates=described(match.nearest),
    )


def _used(key: str, digest: str) -> ProvisioningRun | None:
    """The run of an earlier call with this key; refuses another body or a city that is gone."""
    run = ProvisioningRun.objects.filter(request_key=key).first()
    if run is None:
        return None
    if run.request_digest != digest:
        raise Problem(
            422,
            "key-reused",
            "This Idempotency-Key came with another body before. Use a new one.",
        )
    if run.way and not City.objects.filter(katottg=run.katottg).exists():
        raise Problem(
            409, "city-gone", "The city of this key was deleted. Use a new key to make it again."
        )
    return run


def make_city(*, by: Actor, header: str | None, body: Any, values: dict[str, Any]) -> City:
    """The city that this key has made, now or by an earlier call."""
    key, digest = key_of(header, by), digest_of(body)
    _used(key, digest)
    place = _one(values.pop("hromada"), values.pop("oblast"))
    request = Request(hromada=row_of(place), key=key, digest=digest, **values)
    try:
        city = provision(request, by=by).city
    except ProvisioningRefused as refusal:
        raise Problem(409, "refused", str(refusal)) from refusal
    except ValidationError as error:
        raise invalid(
            **{name: " ".join(texts) for name, texts in error.message_dict.items()}
        ) from error
    if not ProvisioningRun.objects.get(request_key=key).way:
        raise Problem(
            409,
            "city-exists",
            f"{city.name_uk} is on the platform already as “{city.slug}”; nothing was changed.",
            city=city.slug,
        )
    return city
