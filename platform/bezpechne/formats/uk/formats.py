"""«7 грудня 2026 р.», not «07 грудня»."""

DATE_FORMAT = "j E Y р."
DATETIME_FORMAT = "j E Y р., H:i"
NUMBER_GROUPING = 3
THOUSAND_SEPARATOR = "\xa0"
