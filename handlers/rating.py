"""What the owner thinks of an institution: which one, and how many stars, each by a choice."""

from domain import progress
from domain.market import rating
from domain.market.tables import FollowRow
from domain.progress import Progress
from domain.requests import RequestRow
from handlers import admission
from handlers.progress import amount
from handlers.turn import LABEL_LONGEST, Choice, Outcome, Turn
from nlu.understanding import Entity

_RATES = "rate_service"
_SHOWN = 6
_STARS = {5: "5星，很满意", 4: "4星，满意", 3: "3星，一般", 2: "2星，不满意", 1: "1星，很不满意"}
_NOTHING = (
    "谢谢您的评价！评分是给跟进过您需求、有了答复的机构打的，现在还没有这样的机构；等有了结果，随时来打分。"
)

Rated = tuple[RequestRow, str]


async def rate_service(turn: Turn) -> Outcome:
    """By choices alone: an opinion that others will read is not taken on the word of the model."""
    ways = await _ways(turn)
    if not ways:
        return Outcome(_NOTHING, turn.state)
    picked = _picked(turn, ways) or (ways[0] if len(ways) == 1 else None)
    if picked is None:
        choices = tuple(_which(turn, way) for way in ways[:_SHOWN])
        return Outcome("您想评价哪家机构？", turn.state, choices=choices, asks_anew=True)
    stars = _stars(turn)
    if stars is None:
        return _how_many(turn, picked)
    if not turn.understanding.first("confirmed"):
        return _sure(turn, picked, stars)
    request, institution = picked
    await rating.rate(turn.session, turn.openid, request.id, institution, stars, "", turn.now)
    link = admission.link_to(
        turn, "request_rate", "补几句话，或者改分", id=request.id, institution=institution
    )
    return Outcome(
        f"记下了：{institution}，{_STARS[stars]}。谢谢您，评分会影响它的推荐排序。\n{link}", turn.state
    )


async def _ways(turn: Turn) -> list[Rated]:
    """Institutions that may be rated, those first that lent and were not rated yet."""
    rows = await progress.requests_of(turn.session, turn.openid)
    found = await progress.progress_of(turn.session, rows)
    to_rate = [(one.request, row.institution) for one in found for row in one.to_rate]
    others = [(one.request, row.institution) for one in found for row in _others(one)]
    return to_rate or others


def _others(found: Progress) -> list[FollowRow]:
    return [row for row in found.rateable if row.institution not in found.ratings]


def _picked(turn: Turn, ways: list[Rated]) -> Rated | None:
    """The one that a choice of ours names, or the only one of the institution that is mentioned."""
    request, rated = (turn.understanding.first(name) for name in ("request", "rated"))
    if turn.understanding.source == "button" and request and rated:
        chosen = (request.value, rated.value)
        return next((way for way in ways if (way[0].id, way[1]) == chosen), None)
    named = {entity.value for entity in turn.understanding.all("institution")}
    mentioned = [way for way in ways if way[1] in named]
    return mentioned[0] if len(mentioned) == 1 else None


def _stars(turn: Turn) -> int | None:
    said = turn.understanding.first("score")
    return int(said.value) if said and int(said.value) in _STARS else None


def _which(turn: Turn, way: Rated) -> Choice:
    request, institution = way
    label = f"{institution}·{amount(request)}"[:LABEL_LONGEST]
    return Choice(label, _RATES, entities=(*_named(way), *turn.understanding.all("score")))


def _how_many(turn: Turn, way: Rated) -> Outcome:
    choices = tuple(
        Choice(words, _RATES, entities=(*_named(way), Entity("score", stars, 0, 0), _CONFIRMED))
        for stars, words in _STARS.items()
    )
    return Outcome(
        f"{way[1]}这次办得怎么样？请打个分，您说的分数会影响它的推荐排序。",
        turn.state,
        choices=choices,
        asks_anew=True,
    )


def _sure(turn: Turn, way: Rated, stars: int) -> Outcome:
    """The stars came from what was typed: of whom they are meant is asked."""
    counts = (*_named(way), Entity("score", stars, 0, 0), _CONFIRMED)
    choices = (
        Choice(f"是，给{way[1]}{stars}星"[:LABEL_LONGEST], _RATES, entities=counts),
        Choice("不是", "deny"),
    )
    return Outcome(f"您是给{way[1]}打{stars}星吗？", turn.state, choices=choices, asks_anew=True)


def _named(way: Rated) -> tuple[Entity, ...]:
    request, institution = way
    return Entity("request", request.id, 0, 0), Entity("rated", institution, 0, 0)


_CONFIRMED = Entity("confirmed", "yes", 0, 0)
