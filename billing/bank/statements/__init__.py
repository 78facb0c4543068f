"""Files of banks: what they say, and their way into the ledger."""
