"""How people's names and numbers are shown to whoever need not know them whole."""

import unicodedata

_MARK = "*"


def masked_name(name: str) -> str:
    """The first character alone: 张三丰 becomes 张**."""
    plain = unicodedata.normalize("NFC", name.strip())
    return plain[:1] + _MARK * max(1, len(plain) - 1) if plain else ""


def masked_phone(phone: str) -> str:
    """138****1234."""
    return _between(phone, 3, 4)


def masked_id_number(number: str) -> str:
    """3205**********1234: the city and the last four, neither district nor birthday."""
    return _between(number, 4, 4)


def _between(text: str, before: int, after: int) -> str:
    """Both ends and marks for the rest; of a text that would show for the most part nothing at all."""
    plain = text.strip()
    hidden = len(plain) - before - after
    if 2 * hidden < before:
        return _MARK * len(plain)
    return plain[:before] + _MARK * hidden + plain[-after:]
