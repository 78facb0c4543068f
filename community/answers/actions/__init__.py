"""The only writers of units, routings and answers."""
