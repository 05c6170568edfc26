"""Which products and policies fit which companies, and why."""
