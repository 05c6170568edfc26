"""Calls of the platform, one module a noun."""
