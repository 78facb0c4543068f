"""The ledger's mirror at Stripe: what is billed and paid here is made so there, and told back."""
