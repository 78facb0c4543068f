"""The finance officer's pages: payers, cities, months, documents, payments, rates."""
