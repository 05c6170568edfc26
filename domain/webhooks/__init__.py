"""Webhooks: events that institutions' own systems subscribe to."""
