"""Files and pictures made of plain values: spreadsheets, separated text, charts."""
