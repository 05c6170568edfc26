"""Authorizations in chat: which stand, and taking one back. Giving one is done on a page alone.

Nothing is revoked on the word of the model: a choice names recipient and purpose, and another confirms it.
"""

from datetime import timedelta

from domain import admission as admissions
from domain import companies
from domain.admission import Lack
from domain.authorizations import reading, records
from domain.authorizations.labels import PLATFORM, DataPurpose, Kind, State
from domain.authorizations.tables import AuthorizationRow
from domain.base import SHANGHAI
from domain.errors import NotFound
from handlers import admission
from handlers.turn import LABEL_LONGEST, Choice, Outcome, Turn
from nlu.understanding import Entity

_SHOWN = 6
_LATELY_DAYS = 90
_REVOKES = "revoke_authorization"
_NONE = "您目前没有有效的授权，没有机构能通过本平台看您企业的信用信息。"
_STOPS = "这项授权一撤，在办的融资需求也会一起撤下。"


async def grant(turn: Turn) -> Outcome:
    """What is said in a chat is no consent: the page shows the text, and takes each tick by itself."""
    found = await admission.standing(turn)
    first = next((lack for lack in found.lacks if lack is not Lack.AUTHORIZATION), None)
    if first:
        page = "register" if first is Lack.REGISTRATION else "identity"
        link = admission.link_to(turn, page, f"点这里办{first.label}")
        return Outcome(f"授权前要先办{first.label}，这样才知道是企业本人同意的：\n{link}", turn.state)
    # Who has authorized the platform means a bank by now, or other data: both are chosen on the page of all.
    page = "authorization_new" if found.lacks else "authorizations"
    link = admission.link_to(turn, page, "查看授权书并授权")
    said = "聊天里说的话不算授权。授权书写明给谁看、看什么、用多久，看清楚了再勾选："
    return Outcome(f"{said}\n{link}\n给错了随时能撤，回复「取消授权」就行。", turn.state)


async def ask(turn: Turn) -> Outcome:
    """Who may look, and who did lately; each time with what was read stands on a page."""
    standing = await _standing(turn)
    looked = await _looked(turn)
    link = admission.link_to(turn, "access_log", "每次查询的时间和内容")
    if not standing:
        return Outcome(f"{looked}\n{_NONE}\n{link}", turn.state)
    lines = [f"· {_described(row)}" for row in standing[:_SHOWN]]
    if len(standing) > _SHOWN:
        lines.append(f"还有{len(standing) - _SHOWN}项，都在页面上。")
    said = "\n".join([looked, "现在有效的授权：", *lines])
    return Outcome(f"{said}\n要撤回，回复「取消授权」。\n{link}", turn.state)


async def revoke(turn: Turn) -> Outcome:
    """First which, then whether; both by a choice that names it."""
    standing = await _standing(turn)
    picked = _picked(turn, standing)
    if picked is None and not standing:
        return Outcome(_NONE, turn.state)
    if picked is None:
        choices = tuple(_choice(row) for row in standing[:_SHOWN])
        return Outcome("要撤回哪一项授权？撤回马上生效。", turn.state, choices=choices, asks_anew=True)
    if turn.understanding.first("confirmed"):
        return await _revoked(turn, picked)
    stops = f"\n{_STOPS}" if picked.kind == Kind.CREDIT_DATA else ""
    sure = Choice(
        f"确定撤回：{_recipient(picked)}"[:LABEL_LONGEST],
        _REVOKES,
        entities=(_named(picked), Entity("confirmed", "yes", 0, 0)),
    )
    kept = Choice("先不撤", "deny")
    said = f"要撤回这项授权吗？\n{_described(picked)}{stops}"
    return Outcome(said, turn.state, choices=(sure, kept), asks_anew=True)


async def _revoked(turn: Turn, row: AuthorizationRow) -> Outcome:
    try:
        revoked, stopped = await admissions.revoke(turn.session, row.id, turn.openid, turn.now)
    except NotFound as refusal:
        return Outcome(refusal.sentence, turn.state)
    said = f"已撤回给{_recipient(revoked)}的授权，从现在起不能再查。"
    taken = f"在办的融资需求（{'、'.join(request.id for request in stopped)}）也已撤下。" if stopped else ""
    return Outcome(f"{said}{taken}回执会在微信里发给您。", turn.state)


async def _looked(turn: Turn) -> str:
    bound = await companies.registered_by(turn.session, turn.openid)
    since = turn.now - timedelta(days=_LATELY_DAYS)
    seen = await records.institutions_since(turn.session, [company.uscc for company in bound], since)
    if not seen:
        return f"近{_LATELY_DAYS}天没有机构查过您企业的信用信息。"
    names = [f"{name}（{at.astimezone(SHANGHAI):%m月%d日}）" for name, at in list(seen.items())[:_SHOWN]]
    return f"近{_LATELY_DAYS}天查过的机构：{'、'.join(names)}{'等' if len(seen) > _SHOWN else ''}。"


async def _standing(turn: Turn) -> list[AuthorizationRow]:
    """What holds, for all companies of the person, the newest first."""
    bound = await companies.registered_by(turn.session, turn.openid)
    rows = [row for company in bound for row in await reading.of_company(turn.session, company.uscc)]
    return [row for row in rows if row.state(turn.now) is State.GIVEN]


def _picked(turn: Turn, standing: list[AuthorizationRow]) -> AuthorizationRow | None:
    """The one that a choice of ours names: what is typed names none."""
    named = turn.understanding.first("authorization") if turn.understanding.source == "button" else None
    return next((row for row in standing if named and row.id == named.value), None)


def _choice(row: AuthorizationRow) -> Choice:
    short = next(purpose.label for purpose in DataPurpose if purpose in row.purposes)
    said = f"{short}等{len(row.purposes)}项" if len(row.purposes) > 1 else short
    return Choice(f"{_recipient(row)}·{said}"[:LABEL_LONGEST], _REVOKES, entities=(_named(row),))


def _named(row: AuthorizationRow) -> Entity:
    return Entity("authorization", row.id, 0, 0)


def _described(row: AuthorizationRow) -> str:
    until = f"{row.until.astimezone(SHANGHAI):%Y年%m月%d日}"
    scope = f"，{len(row.scope)}类信用信息" if row.scope else ""
    return f"{_recipient(row)}：{_purposes(row)}{scope}，到{until}"


def _recipient(row: AuthorizationRow) -> str:
    return "本平台" if row.recipient == PLATFORM else row.recipient


def _purposes(row: AuthorizationRow) -> str:
    return "、".join(purpose.label for purpose in DataPurpose if purpose in row.purposes)
