"""Where the wish is in doubt: which of two is meant, and what to do where none is seen."""

from handlers import short_answers
from handlers.turn import Choice, Outcome, State, Turn
from nlu.understanding import FALLBACK

SURE = 0.55
"""From this confidence on a wish is taken for what it seems."""
CLOSE = 0.5
"""The share of the best one's confidence from which the second-best wish is a rival."""
FAINT = 0.3
"""Below this the best is no more than noise: nothing to ask about."""

# What a wish is called in a question; what has no name here is never asked about.
_WISHES = {
    "apply_financing": "申请贷款",
    "ask_products": "看有哪些产品",
    "apply_product": "申请某一款产品",
    "ask_rate": "问利息和费用",
    "ask_requirements": "问条件和材料",
    "ask_policy": "查补贴政策",
    "apply_policy": "申报补贴",
    "ask_progress": "查办理进度",
    "withdraw_request": "撤回发布的需求",
    "register_company": "注册企业",
    "verify_identity": "做实名认证",
    "grant_authorization": "了解数据授权",
    "revoke_authorization": "了解怎么取消授权",
    "ask_authorizations": "看谁查过我的征信",
    "ask_credit": "查信用分和报告",
    "renew_loan": "续贷或展期",
    "report_difficulty": "说还款有困难",
    "equity_financing": "找股权投资",
    "talk_to_adviser": "找人工顾问",
    "schedule_contact": "约时间通电话",
    "rate_service": "评价服务",
    "complain": "投诉",
    "subscribe_notices": "订阅新政策",
    "unsubscribe_notices": "退订通知",
    "help": "看看能办什么",
}
# Facts belong to a request: with no question standing, who tells them wants one.
_AS_GOOD_AS = {"inform": "apply_financing", "correct": "apply_financing"}


def question(turn: Turn) -> Outcome | None:
    """「您是想…还是…？」 where two wishes are about as likely; None where there is no such doubt."""
    rivals = _rivals(turn)
    if rivals is None:
        return None
    one, other = (_WISHES[name] for name in rivals)
    said = turn.understanding
    choices = tuple(Choice(_WISHES[name], name, said.text, said.entities) for name in rivals)
    return Outcome(f"我没太拿准，您是想{one}，还是{other}？", turn.state, choices=choices)


def _rivals(turn: Turn) -> tuple[str, str] | None:
    ranked = [intent for intent in turn.understanding.ranking if intent.name != FALLBACK][:2]
    if len(ranked) < len(("best", "second")):
        return None
    best, second = ranked
    if not FAINT <= best.confidence < SURE or second.confidence < CLOSE * best.confidence:
        return None
    names = tuple(_AS_GOOD_AS.get(intent.name, intent.name) for intent in ranked)
    if names[0] == names[1] or not all(name in _WISHES for name in names):
        return None
    if names[0] == "apply_financing" and short_answers.hear(turn.understanding, None).fields:
        # Who says how much or what for has said what he wants.
        return None
    return names[0], names[1]


def given_up(state: State) -> Outcome:
    """Not understood for the third time in a row: an honest word, and whom else to ask."""
    choices = (Choice("看看能办什么", "help"), Choice("找人工顾问", "talk_to_adviser"))
    return Outcome(
        "我几次都没听明白，不好意思。公众号里的人工顾问还没有上线，急的话可以直接找银行网点的客户经理；"
        "换个说法再告诉我一次也行。",
        state,
        choices=choices,
    )
