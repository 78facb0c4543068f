"""Money: who pays for a city’s moderator, and the papers of it."""
