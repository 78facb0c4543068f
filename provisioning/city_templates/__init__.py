"""What a new city starts with: units, topics, zoom and wording, kept as templates."""
