"""What is measured, one file a candidate; those that are no service of ours run as `python -m …`."""
