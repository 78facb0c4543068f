"""The only writers of hours and months."""
