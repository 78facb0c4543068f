"""Journeys through a whole installation: its own server, worker, database, mail and a browser.

A package, unlike the other folders of tests: its installation and its browser end with its last
test, because Playwright's event loop would stand in the way of Django in tests after it.
"""
