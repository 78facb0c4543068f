"""Files of logos in a city's own storage."""

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django_tenants.utils import tenant_context

from bezpechne.kernel.logos import Logo
from tenants.branding import LOGO, logo_name
from tenants.models import City

_SALT = "bezpechne.branding.logo"


def keep(city: City, logo: Logo) -> str:
    """Stores a checked logo, published or not yet; returns its name."""
    name = logo_name(logo.stem)
    with tenant_context(city):
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(logo.png))
    return name


def exists(city: City, name: str) -> bool:
    """Whether the city's storage has it."""
    with tenant_context(city):
        return bool(LOGO.fullmatch(name)) and default_storage.exists(name)


def read(city: City, stem: str) -> bytes | None:
    """The PNG, or None."""
    name = logo_name(stem)
    if not exists(city, name):
        return None
    with tenant_context(city), default_storage.open(name) as file:
        content: bytes = file.read()
    return content


def sweep(city: City, kept: set[str]) -> None:
    """Deletes all logos but these: tried ones, and those of versions that nobody can return to."""
    with tenant_context(city):
        try:
            names = default_storage.listdir("branding")[1]
        except FileNotFoundError:
            return
        for name in names:
            if f"branding/{name}" not in kept:
                default_storage.delete(f"branding/{name}")


def sealed(city: City, name: str) -> str:
    """Carries an uploaded logo from one sending of the form to the next."""
    return signing.dumps([city.pk, name], salt=_SALT)


def unsealed(city: City, text: str) -> str:
    """The name, or blank when it is not this city's or the file is gone."""
    try:
        pk, name = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return name if pk == city.pk and exists(city, name) else ""
