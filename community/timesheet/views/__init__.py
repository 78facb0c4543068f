"""Pages of hours: one's own, and the administrator's."""
