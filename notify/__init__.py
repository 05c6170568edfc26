"""Telling people: notices, outbox relay, deliveries."""
