"""What owners allow: consents, their evidence, and the one gate through which credit data are read."""
