"""Greetings, thanks, and what can be done here."""

from domain.requests import RequestStatus
from handlers import doubt, offers, publishing
from handlers.turn import Outcome, Turn

MENU = (
    "您可以直接用大白话告诉我，比如：\n"
    "· 「我在昆山做五金加工，想贷120万买设备」：帮您发布融资需求、匹配产品\n"
    "· 「有什么产品适合我」「利息多少」「要什么条件」\n"
    "· 「有没有贴息政策」：查能享受的扶持政策\n"
    "· 「我的贷款到哪一步了」：查进度\n"
    "· 「我要注册」「怎么实名」「谁查过我的信用」：企业、认证和授权"
)

_GAP = "\n\n"
_PATIENCE = 2

WELCOME = f"您好，欢迎关注融桥！这里是本市企业融资服务平台，免费帮中小企业对接银行贷款和扶持政策。\n\n{MENU}"


async def greet(turn: Turn) -> Outcome:
    if turn.state.topic:
        return Outcome("您好，我在的。", turn.state)
    paused = await _paused(turn)
    return Outcome(f"您好，我是融桥的融资助手。{paused or f'{_GAP}{MENU}'}", turn.state)


async def show_help(turn: Turn) -> Outcome:
    return Outcome(MENU, turn.state)


async def goodbye(turn: Turn) -> Outcome:
    return Outcome("好的，您先忙。有融资方面的事随时来说一声。", turn.state)


async def thank(turn: Turn) -> Outcome:
    return Outcome("不客气，应该的。还有什么要帮忙的，直接说就行。", turn.state)


async def human_or_bot(turn: Turn) -> Outcome:
    return Outcome(
        "我是融桥的智能助手，不是真人。融资需求、产品、政策、进度这些我能直接帮您办；我答不了的，会如实告诉您。",
        turn.state,
    )


async def nothing_asked(turn: Turn) -> Outcome:
    """Yes, no, skip and the like where no question stands: 「办好了」 is said of what a request waits for."""
    request = await offers.current_request(turn)
    if request and request.confirmed_at and request.state is RequestStatus.DRAFT and turn.intent == "affirm":
        return await publishing.go_on(turn, request)
    if paused := await _paused(turn):
        return Outcome(f"好的。{paused}", turn.state)
    if request and request.state is RequestStatus.PUBLISHED:
        return Outcome(
            f"好的。您的需求（{request.id}）已经发布，有机构跟进我马上在微信里告诉您；想改哪一项，直接说就行。",
            turn.state,
        )
    return Outcome(f"好的。现在没有在填的内容。\n\n{MENU}", turn.state)


async def _paused(turn: Turn) -> str:
    """The reminder of a request that was left half filled in, or waits; empty if there is none."""
    request = await offers.current_request(turn)
    if request is None or request.state is not RequestStatus.DRAFT:
        return ""
    if request.confirmed_at:
        return f"您有一笔融资需求（{request.id}）已确认、还没发布，回复「继续」看还差哪一步。"
    return "您上次填到一半的融资需求还在，想接着填，回复「继续」就行。"


async def no_commands(turn: Turn) -> Outcome:
    """「/restart」: other services have such words; nothing is begun anew, and nothing is lost."""
    said = "我这里没有「/」开头的命令，用平常的话跟我说就行。"
    return Outcome(said if turn.state.topic else f"{said}\n\n{MENU}", turn.state)


async def not_understood(turn: Turn) -> Outcome:
    """First an example, then what can be done here, then somebody else."""
    if doubtful := doubt.question(turn):
        return doubtful
    count = turn.state.misunderstood + 1
    state = turn.state.model_copy(update={"misunderstood": count})
    if count > _PATIENCE:
        return doubt.given_up(state)
    if count == _PATIENCE:
        return Outcome(f"我还是没听明白，不好意思。\n\n{MENU}", state)
    return Outcome(
        "不好意思，这个我没听明白，我主要帮企业办融资的事。"
        "您可以直接说要多少钱、做什么用，比如「想贷80万进货，用一年」。",
        state,
    )


async def expired_choice(turn: Turn) -> Outcome:
    """A tap on a menu that later messages have overtaken: nothing is done on its word."""
    return Outcome("这个选项已经过时了，您想办什么，直接告诉我就行。", turn.state)


async def repeat(turn: Turn) -> Outcome:
    """「再说一遍」: the last answer, word for word, with what could be picked from it."""
    memory = turn.state.memory
    if not memory.said:
        return await greet(turn)
    return Outcome(memory.said, turn.state, choices=memory.choices)
