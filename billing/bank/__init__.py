"""Payments by bank: what came, what it pays, what goes back."""
