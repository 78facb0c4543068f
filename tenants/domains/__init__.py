"""A city's host names: its subdomain of the platform and names of its own, checked through DNS."""
