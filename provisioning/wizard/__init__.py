"""A new city by hand: the hromada, where and how, one look at all of it, made."""
