"""The business: one module a noun, each with its table, its rules and its use cases."""
