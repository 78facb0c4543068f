"""Pages of a city's administration."""
