"""What the work cost, who bears it, and which months are closed."""
