"""The questions of the financing form and the words around them."""

from domain.labels import Collateral, Guarantee, Industry, Purpose
from domain.money import percent, span
from domain.needs import Need
from domain.regions import region_name
from domain.requests import RequestRow
from handlers.turn import Choice, Field, State
from nlu.understanding import Entity

_QUESTIONS = {
    Field.AMOUNT: "您大概需要多少资金？比如「80万」或「50到80万」。",
    Field.PURPOSE: "这笔钱主要用来做什么？比如买设备、进原材料、垫订单、发工资。",
    Field.TERM: "打算用多久？比如「一年」「18个月」。",
    Field.GUARANTEE: "您希望用什么方式担保？直接说也行，比如「有厂房」「什么都没有」。",
    Field.REGION: "您的企业在哪个城市、哪个区县？",
    Field.INDUSTRY: "您的企业是做什么的？比如「五金加工」「开饭店」「做软件」。",
}

_EXAMPLES = {
    Field.AMOUNT: "您可以只回一个数，比如「80万」",
    Field.PURPOSE: "您可以说「买设备」「进货」「发工资」这样的",
    Field.TERM: "您可以说「一年」或「18个月」",
    Field.GUARANTEE: "您可以说「厂房抵押」「纯信用」或「担保公司」",
    Field.REGION: "您可以说「昆山」「合肥包河区」这样的地名",
    Field.INDUSTRY: "您可以说「做模具的」「开饭店的」这样的",
}

# What few answers there are, and what jargon is. A purpose is better told in one's own words: they are kept.
_CHOICES = {
    Field.GUARANTEE: (
        ("房产、设备等做抵押", "mortgage"),
        ("专利、应收款等做质押", "pledge"),
        ("找担保公司担保", "guarantor"),
        ("纯信用，什么都不押", "credit"),
    )
}
_SUMMARY = "请您核对"


def question(field: Field) -> str:
    return _QUESTIONS[field]


def choices(field: Field | None) -> tuple[Choice, ...]:
    """The answers to a question, where they can be counted on the fingers of a hand."""
    if field is None:
        return ()
    return tuple(
        Choice(label, "inform", entities=(Entity(field.value, value, 0, len(label)),))
        for label, value in _CHOICES.get(field, ())
    )


def standing(state: State) -> str:
    """The words by which an answer is known to have put the question that stands; empty if none does."""
    if state.topic != "financing":
        return ""
    if state.asking:
        return question(state.asking)
    return _SUMMARY if state.confirming else ""


def example(field: Field) -> str:
    return _EXAMPLES[field]


def value(need: Need, field: Field) -> str:
    """What is known of a field, as people say it; empty if nothing is."""
    match field:
        case Field.AMOUNT:
            return span(need.amount_min, need.amount_max)
        case Field.TERM:
            return span(need.term_min_months, need.term_months, of_months=True)
        case Field.PURPOSE:
            return _purpose(need)
        case Field.GUARANTEE:
            return _guarantee(need)
        case Field.REGION:
            return region_name(need.region) if need.region else ""
        case Field.INDUSTRY:
            return Industry(need.industry).label if need.industry else ""


def missing(need: Need, state: State) -> tuple[Field, ...]:
    """The fields that are neither known nor left open, in the order in which they are asked for."""
    return tuple(field for field in Field if not value(need, field) and field not in state.open)


def enough(need: Need) -> bool:
    """Whether an institution could do anything with it: a request says how much, or what for."""
    return bool(value(need, Field.AMOUNT) or need.purpose)


def cleared(need: Need, field: Field) -> Need:
    """The need without what is known of a field."""
    blank = Need()
    names = {
        Field.AMOUNT: ("amount_min", "amount_max"),
        Field.TERM: ("term_min_months", "term_months"),
        Field.PURPOSE: ("purpose", "purpose_text"),
        Field.GUARANTEE: ("guarantee", "collateral"),
        Field.REGION: ("region",),
        Field.INDUSTRY: ("industry",),
    }[field]
    return need.model_copy(update={name: getattr(blank, name) for name in names})


def brief(need: Need) -> str:
    """The request in a few words: how much, and what for; empty if neither is known."""
    parts = (value(need, Field.AMOUNT), Purpose(need.purpose).label if need.purpose else "")
    return "，".join(part for part in parts if part)


def summary(request: RequestRow) -> str:
    """Everything that will be published, to be confirmed."""
    need = request.need
    lines = [f"{_SUMMARY}一下融资需求："]
    lines += [f"· {field.label}：{value(need, field) or '先不填，后面再商量'}" for field in Field]
    if need.rate_max is not None:
        lines.append(f"· 期望年利率：不超过{percent(need.rate_max)}")
    if request.product:
        lines.append(f"· 意向产品：{request.product}")
    if need.institutions:
        lines.append(f"· 意向机构：{'、'.join(need.institutions)}")
    lines.append("没问题请回复「确认」，我就为您发布；要改哪一项直接告诉我，比如「金额改成100万」。")
    return "\n".join(lines)


def _purpose(need: Need) -> str:
    if need.purpose is None:
        return ""
    label = Purpose(need.purpose).label
    if not need.purpose_text or need.purpose_text == label:
        return label
    return need.purpose_text if need.purpose is Purpose.OTHER else f"{label}（{need.purpose_text}）"


def _guarantee(need: Need) -> str:
    ways = "、".join(Guarantee(way).label for way in need.guarantee)
    things = "、".join(Collateral(thing).label for thing in need.collateral or ())
    # A thing alone does not settle how the loan is to be secured.
    return f"{ways}（{things}）" if ways and things else ways
