"""The commands of `run.py`, one module each; `bot.cli` loads the one that is asked for."""
