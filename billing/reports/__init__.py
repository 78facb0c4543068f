"""Cost reports: what was planned, accrued and paid, for whom, and what it gave."""
