"""Claiming a policy: conditions and papers stand on a page, the claim itself is made at the official site."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain import companies
from domain.base import today_in_china
from domain.claims import checklist, claiming, reading
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from domain.errors import Refusal
from domain.policies import Policy
from handlers import admission, control, policies
from handlers.turn import Outcome, Turn
from nlu.understanding import FALLBACK

_SHOWN = 6
_MINE = re.compile(
    r"我的?申报|申报(?:的?进度|记录|结果|情况|清单|到哪|怎么样了|得怎么样)|(?:在|正在)申报的|申报了(?:哪|什么|几)"
)
_MAY_ASK_SO = frozenset({"ask_progress", "ask_policy", "apply_policy", "inform", FALLBACK})
_ELSEWHERE = "公众号里不能直接申报，要到政策写明的官方网站或窗口提交。"


def meant(turn: Turn) -> Turn:
    """「我的申报到哪一步了」 asks for the own claims, whatever it was read as."""
    if turn.intent in _MAY_ASK_SO and _MINE.search(turn.text):
        return replace(turn, understanding=control.read_as(turn.understanding, "apply_policy"))
    return turn


async def apply_policy(turn: Turn) -> Outcome:
    """The named policy is prepared; without one the owner picks from what fits."""
    if _MINE.search(turn.text):
        return await _own(turn)
    if policy := await policies.meant(turn):
        return await _prepared(turn, policy)
    answer = await policies.ask_policy(turn)
    how = "看中哪一项，说「申报第一个」，我帮您对条件、列材料、记截止日期。" if answer.listing else ""
    reply = "\n\n".join(part for part in (f"{_ELSEWHERE}{how}", answer.reply) if part)
    return replace(answer, reply=reply)


async def _own(turn: Turn) -> Outcome:
    rows = await reading.of_person(turn.session, turn.openid)
    link = admission.link_to(turn, "policies", "打开我的申报")
    if not rows:
        return Outcome(
            "您还没有准备中的政策申报。想申报哪项，先问我「有什么补贴」，再说「申报第一个」。", turn.state
        )
    lines = ["您的政策申报：", *[await _line(turn, row) for row in rows[:_SHOWN]]]
    if len(rows) > _SHOWN:
        lines.append(f"还有{len(rows) - _SHOWN}项，都在页面上。")
    return Outcome("\n".join([*lines, link]), turn.state)


async def _prepared(turn: Turn, policy: Policy) -> Outcome:
    """Nobody is bound by it: what is begun is a list of what is still to be done."""
    link = admission.link_to(turn, "policy", "对条件、备材料、去官网", code=policy.code)
    mine = await companies.registered_by(turn.session, turn.openid)
    if not mine:
        said = "注册企业以后，我按您的情况逐条对条件，截止前还会提醒您。"
        return Outcome(f"{policies.described(policy)}\n{_ELSEWHERE}{said}\n{link}", turn.state)
    try:
        row = await claiming.begin(turn.session, turn.openid, mine[0].uscc, policy.code, turn.now)
    except Refusal as refusal:
        return Outcome(refusal.sentence, turn.state)
    if row.standing is not ClaimState.PREPARING:
        return Outcome(f"这项政策您企业申报过：\n{await _line(turn, row)}\n{link}", turn.state)
    count = len(checklist.materials(policy))
    until = _until(policy.deadline)
    said = f"{_ELSEWHERE}我帮「{mine[0].name}」列好了要对的条件和{count}样材料，点开逐项核对：\n{link}"
    return Outcome(f"{policies.described(policy)}\n{said}{until}", turn.state)


def _until(deadline: date | None) -> str:
    return "\n截止前7天和1天，还没交的话我会提醒您。" if deadline else ""


async def _line(turn: Turn, row: ClaimRow) -> str:
    return f"· 「{row.title}」：{'，'.join([row.standing.label, *await _details(turn, row)])}"


async def _details(turn: Turn, row: ClaimRow) -> Sequence[str]:
    """What is worth knowing in that state."""
    match row.standing:
        case ClaimState.PREPARING:
            return await _readiness(turn, row)
        case ClaimState.SUBMITTED if row.submitted_on:
            return [f"{row.submitted_on:%Y年%m月%d日}交的"]
        case ClaimState.REFUSED:
            return [row.reason]
        case _:
            return []


async def _readiness(turn: Turn, row: ClaimRow) -> list[str]:
    try:
        policy = await claiming.policy_of(turn.session, row.policy)
    except Refusal:
        return []
    ready = f"材料备好{len(row.ticked)}/{len(checklist.materials(policy))}样"
    if policy.deadline is None:
        return [ready]
    left = (policy.deadline - today_in_china(turn.now)).days
    return [ready, f"还有{left}天截止" if left >= 0 else "申报期已过"]
