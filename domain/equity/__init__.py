"""Equity requests: what a company raises, and what investment institutions do about it."""
