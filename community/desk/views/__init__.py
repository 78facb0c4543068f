"""Views of staff."""
