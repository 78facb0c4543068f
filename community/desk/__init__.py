"""Pages of staff: queue, item, units, people."""
