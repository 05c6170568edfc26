"""What an adviser has to say about the products for a request, once he has looked, and before."""

from domain.recommending import reading
from domain.recommending.reading import Listed
from domain.recommending.tables import RecommendationRow
from domain.requests import RequestRow, RequestStatus
from handlers import offers
from handlers.turn import Listing, Turn
from matching.results import MatchResult

UNREVIEWED = "以上是系统匹配的结果，融资顾问还会复核，有调整马上告诉您。"
_FIRST = "融资顾问正在复核这笔需求（{id}）适合哪些产品，{when}，结果会在微信里告诉您。"


def unreviewed(result: MatchResult) -> str:
    """Said below a list that nobody has looked at yet."""
    return UNREVIEWED if result.products else ""


def looks_first(turn: Turn) -> str:
    """Said instead of a list where an adviser looks before anybody else does."""
    after = turn.city.review.out_after
    by = f"最晚{turn.city.review.hours}小时内" if after is not None else "看好后"
    return f"融资顾问会先帮您复核匹配到的产品，{by}发给机构，并在微信里把结果告诉您。"


async def answer(turn: Turn, request: RequestRow) -> tuple[str, Listing | None] | None:
    """What fits, as the adviser left it; None where the answer is the matcher's."""
    if request.state is RequestStatus.REVIEWING:
        return _FIRST.format(id=request.id, when=_when(turn)), None
    found = await reading.reviewed(turn.session, request.id)
    return (_described(found), _listing(found)) if found else None


async def in_short(turn: Turn, request: RequestRow) -> list[str]:
    """A line below a request that waits for institutions, once an adviser has looked."""
    if request.state is not RequestStatus.PUBLISHED:
        return []
    found = await reading.reviewed(turn.session, request.id)
    if found is None or not found.on:
        return []
    best = found.on[0]
    several = f"等{len(found.on)}款" if len(found.on) > 1 else ""
    return [f"　顾问已复核，推荐{best.institution}「{best.name}」{several}，问「有什么产品适合我」看详情"]


def _when(turn: Turn) -> str:
    return f"最晚{turn.city.review.hours}小时内" if turn.city.review.out_after else "看好就发给机构"


def _described(found: Listed) -> str:
    note = f"顾问留言：{found.review.note}" if found.review.note else ""
    if not found.on:
        return paragraphs("顾问复核后，认为目前没有特别合适的产品；机构仍然看得到您的需求。", note)
    shown = found.on[: offers.PRODUCTS_SHOWN]
    head = f"融资顾问复核后，为您推荐{len(found.on)}款产品"
    if len(found.on) > len(shown):
        head += f"，先看前{len(shown)}款"
    lines = [f"{head}：", *(_line(place, row) for place, row in enumerate(shown, start=1))]
    if len(found.on) > len(shown):
        lines.append(f"回复「更多」看另外{len(found.on) - len(shown)}款。")
    return paragraphs("\n".join(lines), note)


def paragraphs(*parts: str) -> str:
    """What is said, with an empty line between; nothing for what is empty."""
    return "\n\n".join(part for part in parts if part)


def _line(place: int, row: RecommendationRow) -> str:
    return offers.item(place, row.institution, row.name, row.reasons, row.open)


def _listing(found: Listed) -> Listing | None:
    codes = tuple(row.product for row in found.on)
    if not codes:
        return None
    return Listing(kind="products", codes=codes, shown=min(len(codes), offers.PRODUCTS_SHOWN))
