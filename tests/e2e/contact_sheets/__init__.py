"""Every page as it is shown, for eyes, and what can be noticed without them."""
