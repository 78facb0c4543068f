"""Every hromada of Ukraine and Kyiv: what a city can be provisioned from by its name."""
