"""Callbacks a second and how fast each is answered, the whole service beside what is smaller."""
