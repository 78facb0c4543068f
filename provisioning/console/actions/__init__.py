"""The only writers of the console."""
