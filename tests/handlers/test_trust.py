"""Who asks whether it is safe, what it is for, or whether he must, gets an answer and keeps his place."""

import pytest

from nlu.understanding import Understanding
from tests.handlers.owner import AMOUNT, Owner

FACE, PAPERS, CONSENT, UNWILLING = (
    "不接收、不保存您的照片",
    "防别人冒用",
    "您不同意谁也不能看",
    "授权由您自己定",
)
REGISTRATION, US, DELETED, SHOWN = "不注册也能查", "谁看过都有记录", "可以删", "都能在这里看、下载"

QUESTIONS = [
    ("刷脸安全吗", FACE),
    ("人脸信息会不会泄露？", FACE),
    ("为什么要刷脸啊", FACE),
    ("我不想刷脸", FACE),
    ("你们要我身份证干嘛", PAPERS),
    ("身份证号安全吗", PAPERS),
    ("为啥非要实名", PAPERS),
    ("为什么要授权", CONSENT),
    ("授权安全吗", CONSENT),
    ("我不想授权", UNWILLING),
    ("不授权行不行", UNWILLING),
    ("一定要注册吗", REGISTRATION),
    ("我的信息会泄露吗", US),
    ("你们会不会卖我的资料", US),
    ("你们靠谱吗", US),
    ("删除我的数据", DELETED),
    ("把我的资料都删了吧", DELETED),
    ("注销账号", DELETED),
    ("我要注销", DELETED),
    ("导出我的数据", SHOWN),
    ("你们存了我哪些信息", SHOWN),
]


@pytest.mark.parametrize(("said", "answer"), QUESTIONS)
async def test_a_worry_is_answered(owner: Owner, said: str, answer: str) -> None:
    assert answer in await owner.says(said, "nlu_fallback")


@pytest.mark.parametrize(("said", "answer"), QUESTIONS)
async def test_the_question_that_stands_comes_below(owner: Owner, said: str, answer: str) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    before = await owner.request()
    reply = await owner.says(said, "inform")
    assert answer in reply
    assert "做什么" in reply.partition(answer)[2]
    assert (await owner.request()).need == before.need


async def test_deleting_leads_to_the_page_that_says_what_goes(owner: Owner) -> None:
    assert f"/m/data_delete?for={owner.openid}" in await owner.says("删除我的数据", "revoke_authorization")
    assert f"/m/data?for={owner.openid}" in await owner.says("导出我的数据", "ask_authorizations")


@pytest.mark.parametrize(
    ("said", "intent", "answer"),
    [
        ("取消授权", "revoke_authorization", "没有有效的授权"),
        ("谁看过我的资料", "ask_authorizations", "没有机构查过"),
        ("怎么实名", "verify_identity", "点这里实名认证"),
        ("我要注册", "register_company", "点这里注册企业"),
        ("我要授权", "grant_authorization", "授权前要先办企业注册"),
        ("要什么资料", "ask_requirements", "材料"),
        ("资料不全能贷吗", "ask_requirements", "材料"),
    ],
)
async def test_a_wish_is_no_worry(owner: Owner, said: str, intent: str, answer: str) -> None:
    assert answer in await owner.says(said, intent)


async def test_who_tells_a_story_is_heard_out(owner: Owner) -> None:
    story = "朋友说注册不安全，我还是想试试，贷120万买设备，两年还清，用厂房抵押，你看行不行"
    assert "发布融资需求" in await owner.says(story, "apply_financing", AMOUNT)


async def test_a_button_asks_nothing_of_the_kind(owner: Owner) -> None:
    assert "点这里实名认证" in await owner.hears(Understanding.of_button("verify_identity"))
