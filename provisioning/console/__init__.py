"""The operator's console and the country's landing page; tables in `public` alone."""
