"""Units, routing to them, the answer by link and its publication."""
