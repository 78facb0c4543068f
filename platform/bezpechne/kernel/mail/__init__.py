"""Outgoing e-mail: one row an event and recipient, one job a row, text and HTML from one source."""
