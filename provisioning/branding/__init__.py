"""How a city looks and speaks: logo, accent, texts, languages, contacts."""
