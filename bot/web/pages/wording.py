"""How pages say what code holds: days, moments, places."""

from datetime import date, datetime

from domain import regions
from domain.base import SHANGHAI


def day(value: date | datetime) -> str:
    """2026年11月3日, in Shanghai."""
    local = value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value: datetime) -> str:
    """2026年11月3日 09:05, in Shanghai."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}"


def region(code: str) -> str:
    return regions.region_name(code)
