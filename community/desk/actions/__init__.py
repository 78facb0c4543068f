"""The only writers of the staff's own work."""
