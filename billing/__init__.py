"""Money: who pays for a city's moderator, and the papers of it. Empty until the ledger comes."""
