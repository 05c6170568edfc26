"""Questions about government support."""

from domain.needs import Need
from handlers import facts, offers
from handlers.turn import Outcome, Turn
from matching.results import PolicyMatch

_SHOWN = 3


async def ask_policy(turn: Turn) -> Outcome:
    request = await offers.current_request(turn)
    if request:
        result = await offers.match_request(turn, request)
    else:
        heard = facts.hear(turn.understanding)
        result = await offers.match_need(turn, facts.merged(Need(), heard, replacing=False))
    if not result.policies:
        return Outcome("目前目录里没有查到和您情况对得上的在办政策。有新政策时您再来问我。", turn.state)
    lines = ["这些政策您可以留意："]
    lines += [_line(match) for match in result.policies[:_SHOWN]]
    if request is None:
        lines.append("告诉我企业在哪、做什么行业，我可以帮您筛得更准。")
    return Outcome("\n".join(lines), turn.state)


async def apply_policy(turn: Turn) -> Outcome:
    answer = await ask_policy(turn)
    return Outcome(
        f"公众号里暂时还不能直接申报政策，要到政策原文写明的窗口或网站办理。\n\n{answer.reply}", turn.state
    )


def _line(match: PolicyMatch) -> str:
    policy = match.policy
    benefit = f"：{policy.benefit}" if policy.benefit else ""
    until = f"（{policy.deadline:%Y年%m月%d日}前申报）" if policy.deadline else ""
    return f"· {policy.title}{benefit}{until}"
