"""Short words that steer a dialogue mean what they say, whatever a statistical model makes of them."""

import re
from dataclasses import replace

from nlu.understanding import FALLBACK, Intent, Understanding

REPEAT, MORE, START_OVER = "repeat", "more", "start_over"
"""What steering words alone can say: the model knows no such intents."""

_PADDING = re.compile(r"[\s，。！!、,.~～…?？🙏\U0001f3fb-\U0001f3ff]+")
# Beside words it is decoration, alone it is a yes.
_THUMBS = re.compile(r"[👌👍]+")

_GO_ON = (
    "继续 继续填 接着填 接着 继续吧 接着来 接着弄 继续填写 我想接着填 我要继续 继续办 接着填吧 继续说 "
    "往下填 往下 继续弄 接着办 办好了 办完了 都办好了 都办完了 弄好了 认证好了 授权好了 注册好了 认证完了 "
    "授权完了 注册完了 下一步呢 下一步怎么办 下一步干嘛 然后呢 接下来呢 接下来怎么办 还差什么 "
    "还差哪一步 还要办什么 还要干嘛 认证通过了 认证过了"
)

_WORDS = {
    "affirm": (
        "确认 确认发布 确定 提交 发布 发布吧 提交吧 对 对的 是 是的 好 好的 好吧 行 行的 可以 可以的 "
        "没问题 没错 同意 嗯 嗯嗯 嗯呢 ok okay 就这样 就这些 没了 没有了 对对 没毛病 👌 👍 "
        # As voice input writes it.
        "确人 确任 却认 确忍"
    ),
    "deny": "不 不对 不是 不是的 不行 不要 不用 先别 错了 不确认",
    "cancel": "算了 取消 退出 不弄了 先不弄了 不办了",
    "back": "上一步 返回 退回 回上一步 返回上一步",
    "skip": "跳过 下一个 不知道 不清楚 以后再填 先跳过 略过 pass",
    "apply_financing": _GO_ON,
    "inform": "信用 信用贷 信用贷款 信用的 周转",
    "goodbye": "再见 拜拜 88 谢谢再见 回头聊",
    "help": "帮助 菜单 help",
    "talk_to_adviser": "转人工 人工 人工服务 人工客服",
    REPEAT: (
        "再说一遍 再说一次 再说一下 重复一遍 重复一下 再发一遍 再发一次 再来一遍 重说一遍 没看清 没看清楚 "
        "我没看清 没听清 没听清楚 刚才说啥 刚才说什么 刚才说的啥 刚才说的什么 你刚才说啥 你刚才说什么 "
        "刚说啥 刚说什么 你说啥 你说什么 刚刚说了啥 再讲一遍 麻烦再说一遍 请再说一遍 你再说一遍"
        " 能再说一遍吗 啥来着"
    ),
    MORE: (
        "更多 还有吗 还有呢 还有没有 还有别的吗 还有其他的吗 还有其它的吗 还有哪些 其他的呢 其余的 看更多 "
        "还有别的产品吗 还有其他产品吗 还有其它产品吗 "
        "再看几个 再来几个 换几个 下一页 剩下的 剩下的呢 查看更多"
    ),
    START_OVER: (
        "重新来 重新填 重来 重新开始 重填 从头来 从头填 重新弄 重新填写 重新来吧 重新填吧 重新填一笔 "
        "重新来一笔 从头开始"
    ),
}
_INTENTS = {word: intent for intent, words in _WORDS.items() for word in words.split()}

# What a plain yes is made of: anything else in the sentence, and it is no confirmation.
_YES = re.compile(
    r"(?:(?:以上|上面|填)的?(?:信息|内容)?[都均]?)?"
    r"(?:确[认人任]|却认|确定|提交|发布|发出去|发送|[发办搞弄]吧|无误|正确|没问题|没错|没毛病|不用改|不改|[看核]对?[过好]了|对|是|好|行|"
    r"(?:就这样|可以|直接)发|这[回下次](?=都?(?:对|没|可以|好|行))|可以|同意|嗯|ok|okay|yes|就这样|就这么[办着定]|按这个|这些|没了|没有了|没有?要改的|妥|成|中|要得|赶紧|马上|现在|"
    r"那|就|都|我|您|你|请|帮我|给我|吧|的|嘅|了|啦|呀|啊|哦|噢|呢|嘞|哈|谢谢|👌|👍)+",
    re.IGNORECASE,
)
# Short enough that trying its many readings takes no time.
_LONGEST_YES = 30


def refine(understanding: Understanding) -> Understanding:
    """Take a message that is nothing but a steering word, or nothing but facts, for what it says."""
    intent = _INTENTS.get(_bare(understanding.text))
    if intent is None and understanding.intent.name == FALLBACK and _nothing_but_facts(understanding):
        intent = "inform"
    return understanding if intent is None else read_as(understanding, intent)


def read_as(understanding: Understanding, intent: str) -> Understanding:
    """The same message with a wish about which there is no doubt."""
    certain = Intent(intent, 1.0)
    others = tuple(other for other in understanding.ranking if other.name not in {intent, FALLBACK})
    return replace(understanding, intent=certain, ranking=(certain, *others))


def goes_on(text: str) -> bool:
    """「继续」: with what stands, or was left half done."""
    return _bare(text) in _GO_ON.split()


def plain_yes(understanding: Understanding) -> bool:
    """Whether a step that takes effect may rest on it: a yes and nothing else, in words or by a button.

    「我朋友说确认就行」 and 「同意授权同意发布确认」 may well be read as a yes, but are none.
    """
    if understanding.intent.name != "affirm":
        return False
    if understanding.source == "button":
        return True
    word = _bare(understanding.text)
    return len(word) <= _LONGEST_YES and _YES.fullmatch(word) is not None


def _nothing_but_facts(understanding: Understanding) -> bool:
    """「15w」: who answers so is understood, whatever the model takes it for."""
    said = {place for fact in understanding.entities for place in range(fact.start, fact.end)}
    return bool(said) and len(said) >= len(_PADDING.sub("", understanding.text))


def _bare(text: str) -> str:
    word = _PADDING.sub("", text).lower()
    return _THUMBS.sub("", word) or word[:1]
