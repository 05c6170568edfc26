"""What a word or a question means, in the words of every day."""

import re

from handlers.turn import Field

_SAID = {
    Field.AMOUNT: (
        "就是您这次想借多少钱。能批多少由银行看：一般参考一年的营业额、纳税情况和能抵押的东西，"
        "先说个心里的数就行，后面能改。"
    ),
    Field.PURPOSE: "就是这笔钱拿去干什么。银行要看钱花在正经生意上，不同用途能办的产品和利息也不一样。",
    Field.TERM: "就是这笔钱打算用多久、多长时间还清。周转一般用一年，买设备一般两三年。",
    Field.GUARANTEE: (
        "就是拿什么让银行放心：可以押房子、设备，可以押专利或别人欠您的货款，可以请担保公司作保，"
        "什么都不押、凭信用借也行，只是额度通常小一些。"
    ),
    Field.REGION: "就是您的企业开在哪个城市、哪个区县。很多产品和补贴只给本地企业。",
    Field.INDUSTRY: "就是您的企业做哪一行，说大白话就行，我来对应。有的产品专给某些行业。",
}

_TERMS: tuple[tuple[str, str], ...] = (
    ("担保方式|担保|怎么担保", _SAID[Field.GUARANTEE]),
    ("额度|授信|授信额度|金额|贷款额度|贷款金额", _SAID[Field.AMOUNT]),
    ("期限|贷款期限|授信期限", _SAID[Field.TERM]),
    ("用途|贷款用途|资金用途", _SAID[Field.PURPOSE]),
    ("经营地区|地区", _SAID[Field.REGION]),
    ("行业|所属行业", _SAID[Field.INDUSTRY]),
    ("抵押|房产抵押|抵押物", "抵押就是拿房子、厂房、设备这些作保证，东西照样您用，还不上钱时银行才能处置。"),
    ("质押|股权质押", "质押就是把专利、股权、别人欠您的货款这些权利押给银行，还清了就退。"),
    ("纯信用|信用贷|信用贷款|信用", "纯信用就是什么都不押，银行看您的经营、纳税和还款记录来定。"),
    ("担保公司", "担保公司替您向银行作保，银行更放心；它会收一笔担保费，多少以公示为准。"),
    ("信保基金|担保基金", "信保基金是政府出钱给小企业作保的，没有抵押物也能借，费用低或者不收。"),
    ("保证保险|信保", "保证保险是您买一份保险，万一还不上由保险公司先赔银行，所以可以不用抵押。"),
    ("年化|年利率|年化利率|利率", "年利率就是借100块钱一年付多少利息，比如4%就是借一年付4块。"),
    ("等额本息", "等额本息就是每月还一样多的钱，本金利息一起还，到期正好还清。"),
    ("先息后本", "先息后本就是平时每月只付利息，到期一次把本金还上。"),
    ("贴息", "贴息就是政府替您付一部分贷款利息，一般是先自己付，再凭票据去申领。"),
    ("应收账款|应收款", "应收账款就是货已经交了、对方还没付给您的钱。"),
    ("展期", "展期就是和银行商量，把还款的日子往后推。"),
    ("无还本续贷|续贷", "续贷就是旧的到期了接着借，无还本续贷是不用先凑钱还本金。"),
    ("风险补偿", "风险补偿是政府出钱替银行担一部分坏账，银行就更愿意借给小企业。"),
    (
        "(?:我)?最长(?:能|可以)?[贷借用]?(?:多久|几年|多长时间)|(?:我)?(?:能|可以)[贷借](?:多久|几年)",
        "各家不一样：周转的多在一年以内，买设备、有抵押的可以长一些。您先说想用多久，我按这个找。",
    ),
    (
        "(?:我)?(?:最多|最高)?(?:能|可以)[贷借](?:多少钱?|到多少)|额度(?:最高|有)?多少",
        "各家不一样，主要看一年的营业额、纳税和能抵押的东西。您先说心里的数，我按这个找，差在哪会告诉您。",
    ),
    ("征信", "征信就是借钱还钱的记录，银行放款前都会看，要您签字同意才能查。"),
)  # fmt: skip

# What owners ask to have told apart.
_SECURITIES = {
    words.split("|")[0]: explanation
    for words, explanation in _TERMS
    if words.split("|")[0] in {"抵押", "质押", "纯信用", "担保公司", "信保基金", "等额本息", "先息后本"}
}
_ASKING_WHAT = (
    r"(?:又|都|到底|具体)?(?:是|指|算)?(?:个|的)?(?:什么|啥|咋|怎么|怎样|如何)(?:个|的)?"
    r"(?:意思|东西|回事|概念|算|填|理解|选|说|定|定的|算的|来的)?"
)
_OF_TERM = tuple(
    (
        re.compile(
            rf"(?:请问|那|这个?|那个?|你说的|您说的|刚才说的|什么是|啥是|啥叫|什么叫|解释一下|解释下)*[「“\"]?(?:{words})[」”\"]?"
            rf"(?:{_ASKING_WHAT})?[啊呀呢吗嘛吧的了]*"
        ),
        explanation,
    )
    for words, explanation in _TERMS
)
_HAS_QUESTION = re.compile(r"什么|啥|咋|怎么|怎样|如何|解释|多久|几年|多少|多长")
_COMPARES = re.compile(r"区别|不同|不一样|差别")
_OF_QUESTION = re.compile(
    r"(?:这|这个|这句|这话|你这话|刚才这个|那|你问的|您问的)?(?:是|有)?(?:什么|啥)意思[啊呀呢]*|"
    r"(?:我|有点|还是|没太|不太)*(?:没懂|不懂|不明白|没明白|没看懂|看不懂|听不懂|没听懂|不理解|没理解)(?:你|您)?(?:的)?(?:问题|意思|问的|什么意思)?[了啊呀呢]*|"
    r"(?:这个|这|这项|这里)?(?:怎么|咋|该怎么|要怎么|如何)(?:填|回答|答|说|写|选)[啊呀呢]*|"
    r"(?:为什么|为啥|干嘛|干吗)(?:要|还要)?(?:问|填|知道)(?:这|这个|这些|那个)?[啊呀呢]*|"
    r"问(?:这|这个|这些)?(?:干嘛|干啥|做什么|有什么用|干什么)[啊呀呢]*|举个例子[吧呗]?|解释一下|解释下"
)
_AROUND = re.compile(r"[\s，。！!、,.~～…?？]+")


def of_term(text: str) -> str:
    """The meaning of the word that a message asks about; empty if it asks about none that is known here."""
    bare = _AROUND.sub("", text)
    if not _HAS_QUESTION.search(bare):
        return ""
    if _COMPARES.search(bare):
        return "\n".join(explanation for words, explanation in _SECURITIES.items() if words in bare)
    return next((explanation for words, explanation in _OF_TERM if words.fullmatch(bare)), "")


def of_question(text: str) -> bool:
    """「什么意思」: the message asks what the standing question means."""
    return _OF_QUESTION.fullmatch(_AROUND.sub("", text)) is not None


def question(field: Field) -> str:
    """What a question of the form is about, and why it is asked."""
    return _SAID[field]
