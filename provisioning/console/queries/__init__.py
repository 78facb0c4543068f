"""What pages of the console read; a fixed number of queries each."""
