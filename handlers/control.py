"""Short words that steer a dialogue mean what they say, whatever a statistical model makes of them."""

import re
from dataclasses import replace

from nlu.understanding import FALLBACK, Intent, Understanding

_PADDING = re.compile(r"[\s，。！!、,.~～…?？👌🙏]+")

_WORDS = {
    "affirm": (
        "确认 确认发布 确定 提交 发布 发布吧 提交吧 对 对的 是 是的 好 好的 好吧 行 行的 可以 可以的 "
        "没问题 没错 同意 嗯 嗯嗯 嗯呢 ok okay 就这样 就这些 没了 没有了 对对 没毛病"
    ),
    "deny": "不 不对 不是 不是的 不行 不要 不用 先别 错了 不确认",
    "cancel": "算了 取消 退出 不弄了 先不弄了 不办了",
    "back": "上一步 返回 退回 回上一步 返回上一步",
    "skip": "跳过 下一个 不知道 不清楚 以后再填 先跳过 略过 pass",
    "apply_financing": "继续 继续填 接着填 接着 继续吧 接着来 接着弄 继续填写 我想接着填 我要继续 继续办",
    "inform": "信用 信用贷 信用贷款 信用的 周转",
    "goodbye": "再见 拜拜 88 谢谢再见 回头聊",
    "help": "帮助 菜单 help",
    "talk_to_adviser": "转人工 人工 人工服务 人工客服",
}
_INTENTS = {word: intent for intent, words in _WORDS.items() for word in words.split()}


def refine(understanding: Understanding) -> Understanding:
    """Take a message that is nothing but a steering word for what it says."""
    word = _PADDING.sub("", understanding.text).lower()
    intent = _INTENTS.get(word)
    if intent is None:
        return understanding
    certain = Intent(intent, 1.0)
    others = tuple(other for other in understanding.ranking if other.name not in {intent, FALLBACK})
    return replace(understanding, intent=certain, ranking=(certain, *others))
