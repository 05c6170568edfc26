"""Claims of policies: what a company prepares, hands in at the official site, and what came of it."""
