"""The product's settings with a data folder and a host of the tests' own."""

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
# A second run beside this one needs a server of its own: give it another folder.
_DATA = Path(os.environ.get("TEST_DATA_DIR", _ROOT / ".data" / "tests"))
os.environ.update(
    DATA_DIR=str(_DATA),
    VOLATILE="1",
    BASE_URL="http://bezpechne.test:8000",
    DEMO="0",
    ENVIRONMENT="local",
    # No city uses it unless its test says so.
    GOOGLE_MAPS_KEY="key-of-the-tests",
)
for name in (
    "SMTP_HOST",
    "S3_BUCKET",
    "SENTRY_DSN",
    "DEBUG",
    "BEHIND_PROXY",
    "METRICS_TOKEN",
    "PROMETHEUS_MULTIPROC_DIR",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
):
    os.environ.pop(name, None)

from bezpechne.settings import *  # noqa: E402, F403 - after the environment is set

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No collected, hashed files in the tests of pages; the browser journeys use the real ones.
STORAGES["staticfiles"] = {  # noqa: F405 - from the settings above
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = True
