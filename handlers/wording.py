"""How a chat says moments and what an institution offers."""

from datetime import datetime

from domain.base import SHANGHAI
from domain.labels import Guarantee
from domain.market.tables import FollowRow
from domain.money import months, percent, yuan


def moment(at: datetime) -> str:
    """9月3日 18:00, in Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def terms(row: FollowRow) -> str:
    """What was approved: how much, for how long, at what price, secured how."""
    parts = (
        yuan(row.amount) if row.amount else "",
        months(row.term_months) if row.term_months else "",
        f"年利率{percent(row.rate)}" if row.rate is not None else "",
        Guarantee(row.guarantee).label if row.guarantee else "",
    )
    return "，".join(part for part in parts if part)
