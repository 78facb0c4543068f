"""Schemas of cities: the template, the script made from it, the stock of spares, the fleet."""
