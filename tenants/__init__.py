"""Cities: their row, domains, bounds and outline, and which one a request or job is in."""
