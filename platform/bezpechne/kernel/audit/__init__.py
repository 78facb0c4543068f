"""History of a city: one row an action, appended by `record`, never changed."""
