"""Rongqiao's command line: `python run.py --help`."""

from bot.cli import entry

if __name__ == "__main__":
    entry()
