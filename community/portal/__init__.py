"""Pages of residents and visitors: map, list, question, asking, following."""
