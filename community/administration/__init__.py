"""What a city's administrator keeps: place, topics, units, texts, and what has happened."""
