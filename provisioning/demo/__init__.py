"""The demo: three cities with content of our own writing, all made by the real actions."""
