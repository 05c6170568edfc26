"""Consent texts as they are read: their Markdown knows headings and paragraphs, and nothing else."""

from markupsafe import Markup

_HEADINGS = {"# ": Markup("<h2>{}</h2>"), "## ": Markup("<h3>{}</h3>")}
_PARAGRAPH, _LINE = Markup("<p>{}</p>"), Markup("<br>")


def html(text: str) -> Markup:
    """Everything in it is escaped; a heading of the file is one level lower on the page."""
    blocks = [block.strip() for block in text.split("\n\n")]
    return Markup("\n").join(_block(block) for block in blocks if block)


def _block(block: str) -> Markup:
    for mark, heading in _HEADINGS.items():
        if block.startswith(mark):
            return heading.format(block.removeprefix(mark))
    return _PARAGRAPH.format(_LINE.join(block.splitlines()))
