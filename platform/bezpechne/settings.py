"""The only settings file; the environment decides everything that differs between machines.

Without any variable this is a complete local installation: embedded PostgreSQL and files
under `.data/`. `ENVIRONMENT=production` demands what production needs and says what is missing.
"""

import os
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from bezpechne.environment import env, flag, required

PACKAGE_DIR = Path(__file__).resolve().parent
ROOT_DIR = PACKAGE_DIR.parent.parent

ENVIRONMENT = env("ENVIRONMENT", "local")
if ENVIRONMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"ENVIRONMENT={ENVIRONMENT!r}. Use `local` or `production`.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = flag("DEBUG")
# The demo adds a mailbox page that shows every e-mail; it is never on by accident.
DEMO = flag("DEMO")
if PRODUCTION and (DEBUG or DEMO):
    raise ImproperlyConfigured("DEBUG and DEMO show private data. Unset them in production.")

DATA_DIR = Path(env("DATA_DIR", str(ROOT_DIR / ".data"))).resolve()


def _secret_key() -> str:
    """Production reads it; a local installation makes one and keeps it, so that links survive."""
    if PRODUCTION:
        return required(
            "SECRET_KEY", "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )
    given = env("SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret_key"
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        # Exclusive creation: of two commands starting at once, one writes and both read.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = _secret_key()

# --- Where the platform lives -------------------------------------------------------------------
# Scheme, host and port of the platform's own pages. Links to a city take scheme and port from
# here and the host from the city's Domain row; the Host header of a request is never trusted.
BASE_URL = (
    required("BASE_URL", "The platform's address, for example https://bezpechne.example.")
    if PRODUCTION
    else env("BASE_URL", "http://localhost:8000")
).rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname or _base.path:
    raise ImproperlyConfigured(f"BASE_URL={BASE_URL!r}. Give scheme, host and port alone.")
BASE_HOST = _base.hostname
HTTPS = _base.scheme == "https"
# Custom domains make the list dynamic: tenants.middleware answers unknown hosts with 404.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
BEHIND_PROXY = flag("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Header that holds the visitor's address; only a proxy of ours may be trusted to set it.
CLIENT_ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR" if BEHIND_PROXY else "REMOTE_ADDR"


def _resolvers() -> list[tuple[str, int]]:
    """DNS_RESOLVERS as addresses and ports: `9.9.9.9, [2620:fe::fe]:53`; empty: this machine's."""
    found = []
    for part in env("DNS_RESOLVERS").replace(",", " ").split():
        try:
            parts = urlsplit(f"//{part}" if part.count(":") < 2 or "[" in part else f"//[{part}]")
            found.append((str(ip_address(parts.hostname or "")), parts.port or 53))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"DNS_RESOLVERS={part!r} is no address of a DNS server. For example 9.9.9.9."
            ) from error
    return found


# Who is asked for the TXT records of cities' own domains, and how many seconds at most.
DNS_RESOLVERS = _resolvers()
DNS_SECONDS = float(env("DNS_SECONDS", "4"))
# Addresses for A and AAAA records of cities' own domains, shown to whoever sets them.
SERVER_ADDRESSES = env("SERVER_ADDRESSES").replace(",", " ").split()

# --- Apps: what is shared, what every city has ----------------------------------------------------
# Accounts with their second factors, sessions and content types exist in both lists, nothing else
# does. Of allauth that is one table: `allauth.account` keeps addresses, which are ours already.
_BOTH = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bezpechne.accounts",
    "allauth.mfa",
]
SHARED_APPS = [
    "tenants",
    "django_tenants",
    *_BOTH,
    # Django's groups and permissions are not used; its three tables are not made 1,470 times.
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "bezpechne.kernel",
    "billing",
    "provisioning",
    "provisioning.acting",
    # allauth.mfa needs it installed; its tables stay empty, so no city has them.
    "allauth.account",
    "provisioning.console",
    "provisioning.handover",
    "rest_framework",
    "csp",
    "django_htmx",
    "js_lib_leaflet",
    "django.forms",
]
TENANT_APPS = [
    *_BOTH,
    "bezpechne.kernel.audit",
    "community.questions",
    "community.answers",
    "community.notices",
    "community.timesheet",
    "community.insights",
    "community.portal",
    "community.desk",
    "community.administration",
]
INSTALLED_APPS = list(dict.fromkeys([*SHARED_APPS, *TENANT_APPS]))
# What a city may use unless its row says otherwise.
CITY_STORAGE_MB = int(env("CITY_STORAGE_MB", "5000"))
CITY_MAILS_A_DAY = int(env("CITY_MAILS_A_DAY", "2000"))
# Days between asking for a city's deletion and the first day on which it may be deleted.
CITY_DELETION_DAYS = int(env("CITY_DELETION_DAYS", "30"))
# Days after its closing until a request to join loses the names and addresses of who sent it.
JOIN_REQUEST_DAYS = int(env("JOIN_REQUEST_DAYS", "90"))
# Empty schemas that the worker keeps ready for new cities.
SPARE_SCHEMAS = int(env("SPARE_SCHEMAS", "3"))
TENANT_MODEL = "tenants.City"
TENANT_DOMAIN_MODEL = "tenants.Domain"
# One SET search_path for each change of city instead of one for each cursor.
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# --- Database -------------------------------------------------------------------------------------


def _database() -> dict[str, object]:
    """DATABASE_URL as Django's dictionary; without it the embedded server under DATA_DIR."""
    common: dict[str, object] = {
        "ENGINE": "bezpechne.kernel.database",
        "CONN_MAX_AGE": 60,
        # A restarted server costs one reconnect, not one failed request per thread.
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    url = env("DATABASE_URL")
    if not url:
        if PRODUCTION:
            required("DATABASE_URL", "For example postgresql://user:password@host:5432/bezpechne.")
        embedded = {
            "EMBEDDED_DIR": str(DATA_DIR / "postgres"),
            "EMBEDDED_VOLATILE": flag("VOLATILE"),
        }
        return {**common, "NAME": "bezpechne", **embedded}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL does not start with postgresql://. "
            "Give it as postgresql://user:password@host:5432/name."
        )
    options = dict(parse_qsl(parts.query))
    return {
        **common,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        # A server that is gone without a word is noticed in seconds, not after the system's hours.
        "OPTIONS": {"connect_timeout": 5, "tcp_user_timeout": 10_000, **options},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Requests ---------------------------------------------------------------------------------------
ROOT_URLCONF = "bezpechne.urls.city"
PUBLIC_SCHEMA_URLCONF = "bezpechne.urls.public"
WSGI_APPLICATION = "bezpechne.wsgi.application"
APPEND_SLASH = True
MIDDLEWARE = [
    "bezpechne.kernel.health.HealthMiddleware",
    "tenants.certificates.CertificateMiddleware",
    "bezpechne.kernel.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "bezpechne.kernel.languages.LanguageMiddleware",
    "tenants.middleware.CityMiddleware",
    "bezpechne.kernel.faults.FaultsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bezpechne.accounts.signing_in.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "provisioning.acting.middleware.ActingMiddleware",
    "bezpechne.accounts.access.AccessMiddleware",
    "tenants.middleware.CurtainMiddleware",
]
# Five photos of 10 MB and the form around them, which scripts send one by one and a browser without
# them together; kernel.faults answers 413 above it.
MAX_REQUEST_BYTES = 52 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Hours of a month have 31 days of five activities.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 170
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tenants.context.city",
                "community.portal.context.menus",
                "provisioning.console.context.menus",
                "billing.context.menus",
                "billing.context.city_costs",
                "provisioning.console.context.announcements",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Sign-in ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["bezpechne.accounts.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
LOGIN_URL = "accounts:sign_in"
# The first of these that the host has and the person may open: the desk in a city, the console on
# the platform.
STAFF_HOME = (
    "desk:queue",
    "platform:console",
    "finance:home",
    "finance:reports",
    "second_factor:security",
)
# allauth keeps the second factors; the pages and the sign-in are our own (accounts.signing_in).
MFA_ADAPTER = "bezpechne.accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Bezpechne"
# Codes of the half-minute before and after are taken: clocks of phones differ.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Days that somebody of a city signs in with a password alone, counted from the making of the account.
SECOND_FACTOR_DAYS = int(env("SECOND_FACTOR_DAYS", "14"))
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
SESSION_ENGINE = "bezpechne.kernel.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
# No Domain attribute anywhere: a cookie of one city is never sent to another.
_cookie_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
# Says that somebody has signed in with this browser before; opens nothing.
DEVICE_COOKIE_NAME = f"{_cookie_prefix}device"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "bezpechne.kernel.faults.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers ----------------------------------------------------------------------------------------
# OpenStreetMap's tile server refuses requests without a Referer; this sends the origin alone,
# so private paths stay private.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = HTTPS and PRODUCTION
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
# A city may use the top of its own domain: the mail and the shop under it are not ours to bind.
# Each of our hosts sends the header for itself.
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_HSTS_PRELOAD = False
X_FRAME_OPTIONS = "DENY"
BASEMAP_TILES = os.environ.get("BASEMAP_TILES", "https://tile.openstreetmap.org/{z}/{x}/{y}.png")
BASEMAP_ATTRIBUTION = env(
    "BASEMAP_ATTRIBUTION",
    '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>',
)
# Blank: no city can choose Google's map. The address is another one in tests.
GOOGLE_MAPS_KEY = env("GOOGLE_MAPS_KEY")
GOOGLE_TILES_URL = env("GOOGLE_TILES_URL", "https://tile.googleapis.com").rstrip("/")
_tiles = urlsplit(BASEMAP_TILES.replace("{s}", "*"))
_tile_origin = [f"{_tiles.scheme}://{_tiles.netloc}"] if _tiles.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_tile_origin],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Languages and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "uk"
LANGUAGES = [("uk", "Українська"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
FORMAT_MODULE_PATH = ["bezpechne.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Kyiv"

# --- Files --------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [PACKAGE_DIR / "static"]
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = DATA_DIR / "files"
S3_BUCKET = env("S3_BUCKET")
# One call may take as long; a whole file at most 20 s (kernel.bucket). Then people get a sentence.
S3_OPTIONS: dict[str, object] = {
    "bucket_name": S3_BUCKET,
    "endpoint_url": env("S3_ENDPOINT_URL") or None,
    "region_name": env("S3_REGION") or None,
    "access_key": env("S3_ACCESS_KEY_ID") or None,
    "secret_key": env("S3_SECRET_ACCESS_KEY") or None,
    "connect_seconds": float(env("S3_CONNECT_SECONDS", "3")),
    "read_seconds": float(env("S3_READ_SECONDS", "5")),
}
STORAGES: dict[str, dict[str, object]] = {
    "default": (
        {"BACKEND": "bezpechne.kernel.storage.CityS3Storage", "OPTIONS": S3_OPTIONS}
        if S3_BUCKET
        else {"BACKEND": "bezpechne.kernel.storage.CityFileStorage"}
    ),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Collected by one user, served by another; only uploads are closed to others.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Without it keys of two cities collide.
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    }
}

# --- Mail ---------------------------------------------------------------------------------------------
EMAIL_HOST = env("SMTP_HOST")
EMAIL_PORT = int(env("SMTP_PORT", "587"))
EMAIL_HOST_USER = env("SMTP_USER")
EMAIL_HOST_PASSWORD = env("SMTP_PASSWORD")
EMAIL_USE_TLS = flag("SMTP_STARTTLS", PRODUCTION)
EMAIL_USE_SSL = flag("SMTP_SSL")
EMAIL_TIMEOUT = 20
MAIL_DIR = DATA_DIR / "mail"
if EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
elif PRODUCTION:
    required("SMTP_HOST", "The mail server; also SMTP_PORT, SMTP_USER, SMTP_PASSWORD.")
else:
    # A local installation without a mail server keeps each message as one .eml file.
    EMAIL_BACKEND = "bezpechne.kernel.mail.folder.FolderBackend"
DEFAULT_FROM_EMAIL = env("MAIL_FROM", f"bezpechne@{BASE_HOST}")

# --- Programs -------------------------------------------------------------------------------------
# Calls of `/api/v1/` a minute by one token.
API_CALLS_A_MINUTE = int(env("API_CALLS_A_MINUTE", "120"))
SPECTACULAR_SETTINGS = {
    "TITLE": "Bezpechne: the platform's API",
    "VERSION": "1",
    "SERVE_PUBLIC": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# --- Stripe ---------------------------------------------------------------------------------------
# Blank: nothing of Stripe is shown, asked or imported; the ledger needs none of it.
STRIPE_API_KEY = env("STRIPE_API_KEY")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env("STRIPE_API_BASE", "https://api.stripe.com")

# --- Public JSON ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

# --- Logs and error reports -------------------------------------------------------------------------------
RELEASE = env("RELEASE", "dev")
LOG_FORMAT = env("LOG_FORMAT", "json" if PRODUCTION else "line")
if LOG_FORMAT not in {"json", "line"}:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r}. Use `json` or `line`.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "mask": {"()": "bezpechne.kernel.logs.MaskTokens", "texts": LOG_FORMAT == "line"},
        "place": {"()": "bezpechne.kernel.logs.AddPlace"},
    },
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s [%(schema)s %(request_id)s] %(message)s"
        },
        "json": {"()": "bezpechne.kernel.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["mask", "place"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "procrastinate": {"level": "WARNING"},
        # It names each passkey that is used.
        "fido2": {"level": "WARNING"},
        # Two lines a call otherwise.
        "stripe": {"level": "WARNING"},
    },
}
METRICS_TOKEN = env("METRICS_TOKEN")
METRICS_DIR = env("PROMETHEUS_MULTIPROC_DIR")
if METRICS_DIR:
    Path(METRICS_DIR).mkdir(parents=True, exist_ok=True)
else:
    # The library takes a blank value for a folder.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
WEB_PROCESSES = int(env("GRANIAN_WORKERS", "1"))
SENTRY_DSN = env("SENTRY_DSN")
if SENTRY_DSN:
    import sentry_sdk

    from bezpechne.kernel import reports

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        **reports.options(
            release=RELEASE, environment=ENVIRONMENT, traces=float(env("SENTRY_TRACES", "0"))
        ),
    )

# W005, W021: both bind every subdomain, those of cities' own domains included.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
