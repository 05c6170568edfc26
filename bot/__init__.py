"""The front door: all HTTP, all wiring."""
