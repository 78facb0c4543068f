"""Which migrations a city's schema has, and whether this release can serve it.

A version is the set of migrations of the apps that live in cities, told by a fingerprint that the
City row keeps: a deploy with nothing to do compares strings and reads nothing else.
"""

import hashlib
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bezpechne.kernel.schema import PUBLIC, in_schema
from tenants.models import City, SchemaVersion

Migrations = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Version:
    """`migrations` are pairs of app label and name."""

    fingerprint: str
    migrations: Migrations

    @classmethod
    def of(cls, migrations: Migrations) -> "Version":
        text = "\n".join(f"{app}.{name}" for app, name in sorted(migrations))
        return cls(hashlib.sha256(text.encode()).hexdigest()[:16], migrations)


@cache
def city_labels() -> frozenset[str]:
    """Labels of the apps whose tables every city has."""
    names = set(settings.TENANT_APPS)
    return frozenset(config.label for config in apps.get_app_configs() if config.name in names)


@cache
def city_models() -> tuple[tuple[str, str], ...]:
    """App label and lower-case name of each model whose table every city has."""
    models = (model._meta for model in apps.get_models() if model._meta.app_label in city_labels())
    return tuple(sorted((str(meta.app_label), str(meta.model_name)) for meta in models))


@cache
def code_version() -> Version:
    """The version that this release's code needs, read from the migration files."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    names = {key for key in loader.disk_migrations if key[0] in city_labels()}
    return Version.of(frozenset(names))


def schema_version() -> Version:
    """The version of the schema in force, read from its django_migrations.

    Not by Django's recorder, which reads the catalogue of all tables first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return Version.of(frozenset(key for key in cursor.fetchall() if key[0] in city_labels()))


def remember(version: Version) -> None:
    """Keeps what a fingerprint stands for, so that another release can read it."""
    with in_schema(PUBLIC):
        SchemaVersion.objects.get_or_create(
            fingerprint=version.fingerprint,
            defaults={"migrations": sorted(map(list, version.migrations))},
        )


@cache
def known(fingerprint: str) -> Migrations:
    with in_schema(PUBLIC):
        row = SchemaVersion.objects.get(pk=fingerprint)
    return frozenset((app, name) for app, name in row.migrations)


def is_behind(city: City) -> bool:
    """Whether the schema lacks a migration that this code needs.

    A schema that is ahead is served: migrations are additive, and during a deploy the servers of
    the last release go on for a while.
    """
    if city.schema_version == code_version().fingerprint:
        return False
    try:
        return not code_version().migrations <= known(city.schema_version)
    except SchemaVersion.DoesNotExist:
        return True
