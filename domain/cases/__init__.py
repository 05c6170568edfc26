"""Cases for the advisers: loans to be renewed, and owners in difficulty."""
