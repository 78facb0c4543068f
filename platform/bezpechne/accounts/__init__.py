"""Who signs in: staff of a city in its schema, the platform's own people in `public`."""
