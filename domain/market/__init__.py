"""The market: institutions follow a published request, decide on it, and lend."""
