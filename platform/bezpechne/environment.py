"""How settings read the environment, and what each variable is for.

`deploy/environment.md` is made from this table and from the calls in settings.py
(`manage.py settings_reference`); a test fails when a variable is read and not described here, or
described and not read.
"""

import os
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """Value of a variable, stripped; blank counts as absent."""
    return os.environ.get(name, "").strip() or default


def required(name: str, fix: str) -> str:
    """Value of a variable that production cannot do without; `fix` says what to put there."""
    value = env(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {fix}")
    return value


def flag(name: str, default: bool = False) -> bool:
    """A variable as a switch: 1, true, yes, on."""
    value = env(name).lower()
    if value and value not in {"0", "1", "true", "false", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name}={value!r} is not a switch. Use 1 or 0.")
    return value in {"1", "true", "yes", "on"} if value else default


@dataclass(frozen=True)
class Variable:
    """`default` is said in words where the code computes it; blank: as written in settings.py."""

    what: str
    default: str = ""
    secret: bool = False


ABOUT: dict[str, dict[str, Variable]] = {
    "The installation": {
        "ENVIRONMENT": Variable(
            "`production` demands what a real installation needs and closes what shows private data."
        ),
        "BASE_URL": Variable(
            "Scheme, host and port of the platform's own pages. Cities get subdomains of this host; "
            "links take their scheme and port from here. `https` switches on secure cookies and HSTS.",
            "`http://localhost:8000`",
        ),
        "SECRET_KEY": Variable(
            "Signs sessions and derives the links in letters. At least 50 random characters; changing "
            "it ends sessions and codes that were mailed and not used yet.",
            "made once and kept in `DATA_DIR/secret_key`",
            secret=True,
        ),
        "BEHIND_PROXY": Variable(
            "`1` when all requests come through a proxy of yours. The proxy must set "
            "`X-Forwarded-For`, `X-Forwarded-Proto` and, if it has one, `X-Request-ID` itself, and "
            "drop headers whose names have an underscore."
        ),
        "DATA_DIR": Variable(
            "Folder of what is kept on this machine: files without S3, local mail, the embedded "
            "database.",
            "`.data` beside `manage.py`",
        ),
        "STATIC_ROOT": Variable("Folder that `collectstatic` fills.", "`DATA_DIR/static`"),
        "RELEASE": Variable("Name of this release in error reports."),
        "DEBUG": Variable("Django's pages for developers. Refused in production."),
        "DEMO": Variable("The page that shows every e-mail. Refused in production."),
    },
    "Database": {
        "DATABASE_URL": Variable(
            "`postgresql://user:password@host:5432/name`, PostgreSQL 15 or newer; parameters of libpq "
            "after `?`.",
            "an embedded server under `DATA_DIR`",
            secret=True,
        ),
        "VOLATILE": Variable("The embedded server skips fsync. For tests."),
        "SPARE_SCHEMAS": Variable("Empty schemas that the worker keeps ready for new cities."),
    },
    "Mail": {
        "SMTP_HOST": Variable(
            "Mail server. Its own hourly limit must suit all cities together.",
            "none: each message is a file in `DATA_DIR/mail`",
        ),
        "SMTP_PORT": Variable("Its port."),
        "SMTP_USER": Variable("Sign-in at the mail server; blank: none."),
        "SMTP_PASSWORD": Variable("Its password.", secret=True),
        "SMTP_STARTTLS": Variable("Encrypt after the greeting.", "`1` in production, else `0`"),
        "SMTP_SSL": Variable("Encrypt from the first byte (port 465); then `SMTP_STARTTLS=0`."),
        "MAIL_FROM": Variable("Sender of every letter.", "`bezpechne@` and the host of `BASE_URL`"),
    },
    "Files": {
        "S3_BUCKET": Variable(
            "Bucket for photos and other files; needed as soon as there are two web servers. Blank: "
            "`DATA_DIR/files`."
        ),
        "S3_ENDPOINT_URL": Variable("Address of an S3 server that is not Amazon's."),
        "S3_REGION": Variable("Region, where the server has such."),
        "S3_ACCESS_KEY_ID": Variable("Key of an account that may use this bucket alone."),
        "S3_SECRET_ACCESS_KEY": Variable("Its secret.", secret=True),
        "S3_CONNECT_SECONDS": Variable(
            "How long a connection to the S3 server may take; each call is tried twice."
        ),
        "S3_READ_SECONDS": Variable("How long the S3 server may be silent within a call."),
    },
    "Cities' own domains": {
        "DNS_RESOLVERS": Variable(
            "DNS servers that are asked for the TXT records, for example `9.9.9.9`; separated by "
            "commas or spaces.",
            "this machine's",
        ),
        "DNS_SECONDS": Variable("How long they are waited for."),
        "SERVER_ADDRESSES": Variable(
            "Addresses of the proxy, shown to whoever sets A and AAAA records of a city's own domain."
        ),
    },
    "API": {
        "API_CALLS_A_MINUTE": Variable("Calls of one token a minute; more are told to wait."),
    },
    "Stripe": {
        "STRIPE_API_KEY": Variable(
            "Secret or restricted key of the account whose payers get their invoices by Stripe. "
            "Blank: nothing of Stripe is shown or loaded.",
            secret=True,
        ),
        "STRIPE_WEBHOOK_SECRET": Variable(
            "Signs what Stripe sends to `/stripe/webhook/`. Blank: nothing is taken there, and "
            "Stripe is asked once a night.",
            secret=True,
        ),
        "STRIPE_API_BASE": Variable("Where Stripe is; another address is for tests."),
    },
    "Requests to join": {
        "JOIN_REQUEST_DAYS": Variable(
            "Days after its closing until a request loses personal data."
        ),
    },
    "What a city may use": {
        "CITY_STORAGE_MB": Variable("Storage of one city, unless its row says otherwise."),
        "CITY_MAILS_A_DAY": Variable("Letters of one city a day, unless its row says otherwise."),
        "SECOND_FACTOR_DAYS": Variable(
            "Days that somebody of a city signs in with a password alone."
        ),
        "CITY_DELETION_DAYS": Variable("Days between asking for a city's deletion and doing it."),
    },
    "Map": {
        "BASEMAP_TILES": Variable(
            "Address of XYZ raster tiles; OpenStreetMap's own server is not for many visitors. Set "
            "and blank: a map without tiles."
        ),
        "BASEMAP_ATTRIBUTION": Variable("What the map must say about its source, as HTML."),
        "GOOGLE_MAPS_KEY": Variable(
            "Key of Google's Map Tiles API; with it a city may have Google's map. Visitors see it in "
            "the addresses of tiles: restrict it to this API and to the host names of the platform, of "
            "its subdomains and of cities' own domains (HTTP referrers), and set a quota.",
            secret=True,
        ),
        "GOOGLE_TILES_URL": Variable("Where that API is; another address is for tests."),
    },
    "Watching": {
        "LOG_FORMAT": Variable(
            "`json`: one object a line with time, schema and request id, and no word that an exception "
            "says; `line`: for people.",
            "`json` in production, else `line`",
        ),
        "LOG_LEVEL": Variable(
            "`INFO` has one line a request and a job; `WARNING` has faults alone."
        ),
        "METRICS_TOKEN": Variable(
            "What Prometheus must send as `Authorization: Bearer …` to read `/metrics`. Blank: closed "
            "in production, open to this machine alone elsewhere.",
            secret=True,
        ),
        "PROMETHEUS_MULTIPROC_DIR": Variable(
            "Folder where the web processes of one server add up their figures; needed when "
            "`GRANIAN_WORKERS` is above 1. Of this server alone and empty at its start."
        ),
        "GRANIAN_WORKERS": Variable(
            "Read by the web server granian: its processes. Settings read it for `doctor`."
        ),
        "SENTRY_DSN": Variable("Where error reports go, without personal data. Blank: nowhere."),
        "SENTRY_TRACES": Variable(
            "Share of requests whose times go there too, from 0 to 1: routes, statements without values."
        ),
    },
}


def about() -> dict[str, Variable]:
    """Every described variable."""
    return {name: variable for group in ABOUT.values() for name, variable in group.items()}
