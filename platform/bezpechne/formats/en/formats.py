"""«7 December 2026», as Europe reads it."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
