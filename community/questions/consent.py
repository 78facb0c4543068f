"""Versions of the consent to the processing of personal data. A new text is a new version."""

CURRENT = "2026-11"
