"""Scores: the scorecard, its figures for one company and for all, and the credit report."""
