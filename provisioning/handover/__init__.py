"""A city's hand-over from the donor to the local budget, step by step: see README.md."""
