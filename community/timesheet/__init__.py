"""Hours of the city's moderators: entered, submitted, approved. No money."""
