"""Questions about government support."""

from collections.abc import Sequence

from domain.claims import reading as claims
from domain.needs import Need
from domain.policies import Policy
from handlers import facts, offers, reference
from handlers.turn import Choice, Listing, Outcome, Turn
from matching.results import MatchResult
from nlu.understanding import Entity

SHOWN = 3
CODE = "policy_code"
"""The entity by which a choice of ours names a policy."""
_LISTED = 10


async def ask_policy(turn: Turn) -> Outcome:
    if policy := await meant(turn):
        claim = Choice("申报这个", "apply_policy", entities=(Entity(CODE, policy.code, 0, 0),))
        return Outcome(_told(policy), turn.state, choices=(claim,), asks_anew=True)
    request = await offers.current_request(turn)
    result = await _match(turn)
    found = [match.policy for match in result.policies[:_LISTED]]
    if not found:
        return Outcome("目前目录里没有查到和您情况对得上的在办政策。有新政策时您再来问我。", turn.state)
    lines = ["这些政策您可以留意：", *(_line(place, policy) for place, policy in _numbered(found[:SHOWN], 0))]
    if len(found) > SHOWN:
        lines.append(f"回复「更多」看另外{len(found) - SHOWN}项。")
    if request is None:
        lines.append("告诉我企业在哪、做什么行业，我可以帮您筛得更准。")
    codes = tuple(policy.code for policy in found)
    listing = Listing(kind="policies", codes=codes, shown=min(len(codes), SHOWN))
    return Outcome("\n".join(lines), turn.state, listing=listing)


async def meant(turn: Turn) -> Policy | None:
    """The policy that a choice of ours, a place in the list or its title names, if it is on offer."""
    if picked := turn.understanding.first(CODE):
        found = await reference.listed_policies(turn, (str(picked.value),))
        return found[0] if found else None
    return await reference.policy_meant(turn) or await _titled(turn)


async def _titled(turn: Turn) -> Policy | None:
    """The only one on offer whose title says what the owner named."""
    named = turn.understanding.first("policy")
    if named is None:
        return None
    codes = await claims.titled(turn.session, str(named.value))
    found = await reference.listed_policies(turn, tuple(codes))
    same = [policy for policy in found if policy.title == named.value]
    return next(iter(same), None) or (found[0] if len(found) == 1 else None)


async def listed_after(turn: Turn, codes: Sequence[str], already: int) -> list[str]:
    """The next policies of a list, numbered on."""
    found = await reference.listed_policies(turn, tuple(codes))
    return [_line(place, policy) for place, policy in _numbered(found, already)]


async def _match(turn: Turn) -> MatchResult:
    heard = facts.hear(turn.understanding)
    if request := await offers.current_request(turn):
        return await offers.match_request(turn, request, facts.merged(request.need, heard, replacing=True))
    return await offers.match_need(turn, facts.merged(Need(), heard, replacing=False))


def _numbered(found: Sequence[Policy], already: int) -> enumerate[Policy]:
    return enumerate(found, start=already + 1)


def _line(place: int, policy: Policy) -> str:
    benefit = f"：{policy.benefit}" if policy.benefit else ""
    until = f"（{policy.deadline:%Y年%m月%d日}前申报）" if policy.deadline else ""
    return f"{place}. {policy.title}{benefit}{until}"


def described(policy: Policy) -> str:
    """What it is, what it gives and until when."""
    lines = [
        f"「{policy.title}」（{policy.issuer}）",
        f"· 能得到：{policy.benefit}" if policy.benefit else "",
        f"· 申报截止：{policy.deadline:%Y年%m月%d日}" if policy.deadline else "",
    ]
    return "\n".join(line for line in lines if line)


def _told(policy: Policy) -> str:
    lines = [
        described(policy),
        f"· 原文：{policy.url}" if policy.url else "",
        "具体以发文部门的解释为准。",
    ]
    return "\n".join(line for line in lines if line)
