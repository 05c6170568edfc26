"""Figures as people type them into a form."""

import re
from datetime import date
from decimal import Decimal

from bot.web.pages.forms import Form
from domain.errors import ValueOutOfRange

_WAN = 10_000
_FIGURE = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")


def wan(form: Form, name: str, sentence: str) -> int:
    """What was typed in 万元, in yuan. Raises ValueOutOfRange with the sentence for anything else."""
    amount = number(form, name, sentence) * _WAN
    if amount != int(amount):
        raise ValueOutOfRange(name, sentence)
    return int(amount)


def number(form: Form, name: str, sentence: str) -> Decimal:
    """Raises ValueOutOfRange with the sentence for what is no number."""
    text = form.text(name).replace(",", "").replace("，", "").removesuffix("%")
    if not _FIGURE.fullmatch(text):
        raise ValueOutOfRange(name, sentence)
    return Decimal(text)


def day(form: Form, name: str, sentence: str) -> date:
    """Raises ValueOutOfRange with the sentence for what is no day."""
    try:
        return date.fromisoformat(form.text(name))
    except ValueError as error:
        raise ValueOutOfRange(name, sentence) from error
