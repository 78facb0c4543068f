"""Replacing a city's administrator who is gone."""
