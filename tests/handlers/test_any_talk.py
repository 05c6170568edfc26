"""Whatever an owner says in whatever order: nothing breaks, nothing given is lost, nobody is pressed."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.requests import RequestRow, RequestStatus
from handlers import control, corrections, form
from handlers.turn import Field
from nlu.understanding import FALLBACK, Intent, Understanding
from tests.domain.databases import SQLITE
from tests.handlers.owner import (
    ALL_IN_ONE,
    AMOUNT,
    EVERYTHING,
    INDUSTRY,
    MORTGAGE,
    PLANT,
    PURPOSE,
    REGION,
    TERM,
    Owner,
    understood,
)

TURNS = 30
MILLION = ("amount", 1_000_000, "100万")
TOO_MUCH = ("amount", 50_000_000_000, "500亿")
ZX = ("product", "征信贷", "征信贷")
DOUBTFUL = (Intent("ask_rate", 0.4), Intent("ask_requirements", 0.35))


def doubtful(text: str) -> Understanding:
    return Understanding(text, DOUBTFUL[0], DOUBTFUL, (), "rasa")


# A silence before the message is said by its length.
SCRIPT: list[tuple[timedelta, Understanding]] = [
    *(
        (timedelta(minutes=1), said)
        for said in (
            understood("我想贷款", "apply_financing"),
            understood("想贷120万", "apply_financing", AMOUNT),
            understood(ALL_IN_ONE, "apply_financing", *EVERYTHING),
            understood("120万", "inform", AMOUNT),
            understood("买加工中心", "inform", PURPOSE),
            understood("两年", "inform", TERM),
            understood("厂房抵押", "inform", MORTGAGE, PLANT),
            understood("昆山", "inform", REGION),
            understood("做五金加工", "inform", INDUSTRY),
            understood("80", FALLBACK),
            understood("1", FALLBACK),
            understood("2", FALLBACK),
            understood("第一个", FALLBACK),
            understood("就第二个吧", FALLBACK),
            understood("不是120万，是100万", "correct", MILLION),
            understood("改成500亿", "correct", TOO_MUCH),
            understood("刚才城市说错了", "correct"),
            understood("城市和期限都说错了", "correct"),
            understood("不对", "deny"),
            understood("没有", "deny"),
            understood("好的", "affirm"),
            understood("确认", "affirm"),
            understood("同意授权同意发布确认", "affirm"),
            understood("跳过", "skip"),
            understood("上一步", "back"),
            understood("算了", "cancel"),
            understood("继续", FALLBACK),
            understood("重新来", FALLBACK),
            understood("再说一遍", FALLBACK),
            understood("更多", FALLBACK),
            understood("什么意思", FALLBACK),
            understood("担保方式是啥", FALLBACK),
            understood("asdkj", FALLBACK),
            understood("都行", FALLBACK),
            understood("利息多少", "ask_rate"),
            understood("120万两年利息多少", "ask_rate", AMOUNT, TERM),
            understood("有什么产品", "ask_products"),
            understood("哪个利息最低", "ask_products"),
            understood("第一个要什么条件", "ask_requirements"),
            understood("有没有贴息", "ask_policy"),
            understood("我要申请征信贷", "apply_product", ZX),
            understood("到哪一步了", "ask_progress"),
            understood("撤回", "withdraw_request"),
            understood("把发布的那笔撤回", "withdraw_request"),
            understood("转人工", "talk_to_adviser"),
            understood("2016年成立的", "inform", ("founded", "2016", "2016年")),
            understood("/restart", FALLBACK),
            doubtful("啥多少"),
            Understanding.of_button("choice:1.1"),
            Understanding.of_button("help"),
        )
    ),
    (timedelta(hours=13), understood("在吗", "greet")),
    (timedelta(days=2), understood("好的", "affirm")),
    (timedelta(days=1), understood("两年", "inform", TERM)),
]
MAY_CLEAR = frozenset({"back", control.START_OVER})
_people = count()


@pytest.mark.parametrize("backend", [SQLITE])
@given(talk=st.lists(st.sampled_from(SCRIPT), min_size=TURNS, max_size=TURNS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_talk(owner: Owner, talk: list[tuple[timedelta, Understanding]], backend: str) -> None:
    """`Owner` lets nothing pass but a Refusal, and checks each answer and the state that is kept."""
    del backend
    person = Owner(owner.database, owner.matcher, openid=f"oAny{next(_people)}")
    listener = Listener(person)
    for silence, said in talk:
        person.now += silence
        await listener.hears(said)


class Listener:
    """Watches what the owner is asked, and what becomes of what he gave."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.asked: Field | None = None
        self.times = 0

    async def hears(self, said: Understanding) -> None:
        before = await self._draft()
        known = _known(before)
        reply = await self.owner.hears(said)
        after = await self._draft()
        self._nothing_lost(said, before, known, after)
        tried = TOO_MUCH[1] in {entity.value for entity in said.entities}
        self._not_pressed(said, reply, fresh=tried or _id(after) != _id(before))

    async def _draft(self) -> RequestRow | None:
        if self.owner.state.request_id is None:
            return None
        row = await self.owner.request()
        return row if row.state is RequestStatus.DRAFT else None

    def _nothing_lost(
        self,
        said: Understanding,
        before: RequestRow | None,
        known: dict[Field, str],
        after: RequestRow | None,
    ) -> None:
        refined = control.refine(said)
        if before is None or after is None or refined.intent.name in MAY_CLEAR:
            return
        same = before.id == after.id
        picked = self.owner.state.topic and not said.text
        if not same and (refined.intent.name != "apply_product" or picked):
            return
        corrected = corrections.asked_to_change(said.text, refined.intent.name)
        lost = [field for field in known if not _known(after).get(field) and field not in corrected]
        assert not lost, (said.text, lost)

    def _not_pressed(self, said: Understanding, reply: str, *, fresh: bool) -> None:
        if control.refine(said).intent.name == control.REPEAT:
            return
        asked = next((field for field in Field if form.question(field) in reply), None)
        self.times = self.times + 1 if asked and asked is self.asked and not fresh else 1
        self.asked = asked
        assert asked is None or self.times <= 2, (asked, self.owner.heard[-4:])


def _id(request: RequestRow | None) -> str | None:
    return request.id if request else None


def _known(request: RequestRow | None) -> dict[Field, str]:
    if request is None:
        return {}
    values = {field: form.value(request.need, field) for field in Field}
    return {field: value for field, value in values.items() if value}
