"""A city as one file: exporting it, checking the file, bringing the city back here or elsewhere."""
