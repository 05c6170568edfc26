"""Settings of all tests of the Rasa project."""

from __future__ import annotations

from hypothesis import settings

# No test looks at the clock: on a busy machine a single example may take as long as it likes.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
