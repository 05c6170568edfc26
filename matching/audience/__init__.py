"""The other direction: of all companies those that one product or policy admits."""
