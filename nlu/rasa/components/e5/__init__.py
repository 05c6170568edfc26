"""The encoder multilingual-e5-small: its file, its vocabulary, its upper layers, and how they are tuned."""
