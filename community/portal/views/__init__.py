"""Views of residents and visitors."""
