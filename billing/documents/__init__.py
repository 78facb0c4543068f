"""Acts, invoices, their numbers and the papers beside them."""
