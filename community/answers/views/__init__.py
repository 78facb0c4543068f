"""The unit's pages by a secret link. A GET shows; only POSTs change anything."""
