"""Where commands write: what was asked for to `out`, what happens on the way and what went wrong to `err`."""

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
