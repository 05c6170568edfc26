"""Events on their way to the systems of institutions."""
