"""One notice a file: which event, to whom, with which values."""
