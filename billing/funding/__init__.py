"""Which agreement pays for a city on which day, and what is planned from it."""
