"""People who mean harm, or have odd phones: random requests to every page, and what may never come back.

`tests.bench.hostile` runs it for minutes, tests/integration/test_hostile.py for a moment.
"""
