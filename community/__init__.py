"""What happens inside a city."""
