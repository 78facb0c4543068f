"""What a city's work comes to, counted by months."""
