"""Starts, watches and stops the embedded Valkey and Rasa."""
