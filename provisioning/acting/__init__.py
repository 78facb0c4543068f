"""Operators as administrators of a city: half an hour, for a reason, in sight of the city."""
