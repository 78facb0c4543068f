"""From a name to a running city; the gazetteer; the platform's own pages."""
