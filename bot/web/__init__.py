"""The callback, the pages and the API."""
