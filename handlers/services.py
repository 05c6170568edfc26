"""What this account cannot do yet, said honestly, with what the owner can do instead."""

from collections.abc import Awaitable, Callable

from handlers.turn import Outcome, Turn

_LEADS_ON = "融资需求、产品、政策和进度，现在就可以直接问我。"

_ANSWERS = {
    "renew_loan": (
        "续贷、展期要和原来放款的银行办，建议到期前一个月就联系客户经理，很多银行有无还本续贷。"
        "如果原银行办不了，告诉我「要多少钱、还旧贷用、多久」，我帮您找能接的产品。"
    ),
    "report_difficulty": (
        "您先别急。还款有困难，越早和银行说余地越大：可以谈展期、调整还款计划或无还本续贷，千万别去借高利贷。"
        "您也可以问我「有什么应急转贷政策」，我帮您查。"
    ),
    "equity_financing": "股权融资对接在公众号里还没有开通，目前能帮您对接的是贷款、担保、租赁和保理。",
    "talk_to_adviser": (
        "公众号里的人工顾问还没有上线，现在转不了人工，不好意思。您的问题先告诉我，我能办的马上办；"
        "办不了的我会如实说。"
    ),
    "schedule_contact": "公众号里还不能预约顾问回电，我不想让您白等。您的问题可以现在直接告诉我。",
    "rate_service": ("谢谢您的评价！不过公众号里的服务评分还没有开通，这次的打分暂时记不上，不好意思。"),
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
