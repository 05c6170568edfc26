"""How pages say what code holds: days, moments, places."""

from datetime import date, datetime

from domain import regions
from domain.base import SHANGHAI, utcnow

_HOUR = 60
_DAY = 24 * _HOUR


def day(value: date | datetime) -> str:
    """2026年11月3日, in Shanghai."""
    local = value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value: datetime) -> str:
    """2026年11月3日 09:05, in Shanghai."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}"


def soon(value: datetime) -> str:
    """11月3日 09:05, in Shanghai: of a moment that is near."""
    local = value.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def left(until: datetime) -> str:
    """还剩2天3小时, as rough as people say it."""
    minutes = int((until - utcnow()).total_seconds() // 60)
    days, hours = minutes // _DAY, minutes % _DAY // _HOUR
    if days:
        return f"还剩{days}天{hours}小时" if hours else f"还剩{days}天"
    return f"还剩{hours}小时" if hours else "还剩不到1小时"


def region(code: str) -> str:
    return regions.region_name(code)
