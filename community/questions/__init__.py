"""Questions: ask, confirm, moderate, publish; the states and the only writers of them."""
