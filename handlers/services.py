"""What this account cannot do yet, said honestly, with what the owner can do instead."""

from collections.abc import Awaitable, Callable

from handlers.turn import Outcome, Turn

_LEADS_ON = "融资需求、产品、政策和进度，现在就可以直接问我。"

_ANSWERS = {
    "talk_to_adviser": (
        "公众号里的人工顾问还没有上线，现在转不了人工，不好意思。您的问题先告诉我，我能办的马上办；"
        "办不了的我会如实说。"
    ),
    "schedule_contact": "公众号里还不能预约顾问回电，我不想让您白等。您的问题可以现在直接告诉我。",
    "complain": (
        "给您添堵了，抱歉。公众号里的投诉受理还没有开通；"
        "对银行收费或服务的投诉，可以拨打金融消费者投诉热线 12378。"
        "另外请放心：平台对企业不收任何费用，自称平台收费的都是骗子。"
    ),
    "subscribe_notices": "政策订阅还没有开通。您在平台发布的需求有进展，我会自动在微信里通知您。",
    "unsubscribe_notices": "明白。我不会给您推送广告和政策，只有您自己发布的需求有进展时才通知您。",
}


def _answering(text: str) -> Callable[[Turn], Awaitable[Outcome]]:
    async def answer(turn: Turn) -> Outcome:
        return Outcome(text if turn.state.topic else f"{text}\n\n{_LEADS_ON}", turn.state)

    return answer


ANSWERS = {intent: _answering(text) for intent, text in _ANSWERS.items()}
