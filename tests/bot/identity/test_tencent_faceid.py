"""FaceID's client before a socket: what it asks, what becomes of each answer, and what is never repeated."""

import asyncio
from typing import Any

import pytest

from bot.identity import base
from bot.identity.base import ProviderFailed, Verdict
from bot.identity.tencent import CODES
from bot.identity.tencent_faceid import TOKEN_LASTS, Options, TencentFaceId
from domain.identity.verifications import Person
from tests.bot.identity.cloud import RULE_ID, FaceCloud
from tests.bot.identity.conftest import NAME, NUMBER, PERSON, START, service_at

PAGE = "https://city.cn/m/identity/return/ID-1"
ONCE = [
    ("AuthFailure.SignatureExpire", base.Refused),
    ("AuthFailure.SecretIdNotFound", base.Refused),
    ("FailedOperation.IdFormatError", base.BadInput),
    ("FailedOperation.IdNameMisMatch", base.BadInput),
    ("FailedOperation.IdNoExistSystem", base.BadInput),
    ("FailedOperation.IdentityAuthLimitExceeded", base.BadInput),
    ("FailedOperation.NameFormatError", base.BadInput),
    ("FailedOperation.StsUnAuthErrError", base.Refused),
    ("InvalidParameter", base.Refused),
    ("InvalidParameterValue.BizTokenExpired", base.Expired),
    ("InvalidParameterValue.BizTokenIllegal", base.Refused),
    ("InvalidParameterValue.RuleIdDisabled", base.Refused),
    ("UnauthorizedOperation.Arrears", base.Refused),
    ("UnsupportedOperation", base.Refused),
    ("SomethingNew.Altogether", base.Refused),
]
AGAIN = [
    ("FailedOperation.RequestLimitExceeded", base.Throttled),
    ("FailedOperation.UnKnown", base.Unreachable),
    ("FailedOperation", base.Unreachable),
    ("InternalError.UnKnown", base.Unreachable),
    ("LimitExceeded", base.Throttled),
    ("RequestLimitExceeded", base.Throttled),
    ("RequestLimitExceeded.UinLimitExceeded", base.Throttled),
    ("ServerNetworkError", base.Unreachable),
    ("ServiceUnavailable", base.Unreachable),
]
NO_ANSWERS = [
    *("{", "null", "[]", '{"Response": null}', '{"Response": 5}', '{"Response": []}', "[" * 100_000),
    *('{"Response": {"Error": 5}}', '{"Response": {"Error": {}}}', "500", "redirect", "drop"),
]


async def begun(provider: TencentFaceId) -> base.Begun:
    return await provider.begin(PERSON, PAGE, reference="ID-1", now=START)


async def test_a_try_is_opened(provider: TencentFaceId, cloud: FaceCloud) -> None:
    found = await begun(provider)
    assert cloud.asked == [
        (
            "DetectAuth",
            {"RuleId": RULE_ID, "Name": NAME, "IdCard": NUMBER, "RedirectUrl": PAGE, "Extra": "ID-1"},
        )
    ]
    assert (found.token, found.expires_at) == (cloud.token, START + TOKEN_LASTS)
    assert found.url.endswith(found.token)
    assert found.token not in repr(found).replace(found.url, "")


async def test_who_has_not_done_it_yet_is_pending(provider: TencentFaceId) -> None:
    outcome = await provider.finish((await begun(provider)).token, PERSON)
    assert outcome.verdict is Verdict.PENDING


async def test_no_picture_is_asked_for_and_one_that_comes_is_let_go(
    provider: TencentFaceId, cloud: FaceCloud
) -> None:
    token = (await begun(provider)).token
    cloud.passes()
    cloud.more = {"BestFrame": {"BestFrame": "FACE"}, "VideoData": {"LivenessVideo": "FACE"}}
    outcome = await provider.finish(token, PERSON)
    assert cloud.asked[-1][1] == {
        "BizToken": token,
        "RuleId": RULE_ID,
        "InfoType": "1",
        "BestFramesCount": 0,
        "IsCutIdCardImage": False,
        "IsNeedIdCardAvatar": False,
        "IsReturnAllVideo": False,
    }
    assert outcome == base.Outcome(Verdict.PASSED, evidence="of-the-call", similarity=93.55)
    assert "FACE" not in repr(outcome)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ErrCode": 66660004, "LiveStatus": 0, "Comparestatus": 66660004}, "Comparestatus.66660004"),
        ({"ErrCode": 1004, "LiveStatus": 1004}, "LiveStatus.1004"),
        ({"ErrCode": 1001}, "ErrCode.1001"),
        ({"ErrCode": -1}, "ErrCode.-1"),
        ({"ErrCode": 0, "LiveStatus": 1004}, "LiveStatus.1004"),
        ({"ErrCode": 0, "Comparestatus": 2}, "Comparestatus.2"),
        ({"ErrCode": 0, "Name": "张三"}, "OtherPerson"),
        ({"ErrCode": 0, "Name": None}, "OtherPerson"),
        ({"ErrCode": 0, "IdCard": "110105194912310038"}, "OtherPerson"),
        ({"ErrCode": 0, "IdCard": None}, "OtherPerson"),
        ({"ErrCode": 0, "Sim": "69.99"}, "LowSimilarity"),
        ({"ErrCode": 0, "Sim": None}, "LowSimilarity"),
        ({"ErrCode": 0, "Sim": ""}, "LowSimilarity"),
        ({"ErrCode": 0, "Sim": "nan"}, "LowSimilarity"),
    ],
)
async def test_what_did_not_pass_says_why_in_two_languages(
    provider: TencentFaceId, cloud: FaceCloud, said: dict[str, Any], code: str
) -> None:
    token = (await begun(provider)).token
    cloud.passes(**said)
    outcome = await provider.finish(token, PERSON)
    assert (outcome.verdict, outcome.code) == (Verdict.FAILED, code)
    assert outcome.reason.endswith("。")
    assert outcome.reason.isascii() is False


async def test_the_same_person_written_otherwise_is_the_same(
    provider: TencentFaceId, cloud: FaceCloud
) -> None:
    person = Person("买买提·吐尔逊", NUMBER)
    token = (await provider.begin(person, PAGE, reference="ID-1", now=START)).token
    cloud.passes(Name="买买提•吐尔逊", IdCard=NUMBER.lower(), ErrCode="0", Sim="70")
    assert (await provider.finish(token, person)).verdict is Verdict.PASSED


async def test_the_line_for_similarity_is_configured(cloud: FaceCloud, cloud_url: str) -> None:
    async with service_at(cloud_url) as service:
        provider = TencentFaceId(service, Options(RULE_ID, min_similarity=95))
        token = (await begun(provider)).token
        cloud.passes()
        assert (await provider.finish(token, PERSON)).code == "LowSimilarity"


@pytest.mark.parametrize("said", [{"ErrCode": "x"}, {"Sim": "much"}, {"LiveStatus": "x"}, {"Sim": [1]}])
async def test_a_result_that_cannot_be_read_is_none(
    provider: TencentFaceId, cloud: FaceCloud, said: dict[str, Any]
) -> None:
    token = (await begun(provider)).token
    cloud.passes(**said)
    with pytest.raises(base.Unreachable):
        await provider.finish(token, PERSON)


@pytest.mark.parametrize(("code", "kind"), ONCE)
async def test_each_code_is_an_error_of_its_own(
    provider: TencentFaceId, cloud: FaceCloud, code: str, kind: type[ProviderFailed]
) -> None:
    for asked in (begun(provider), provider.finish("T", PERSON)):
        cloud.asked.clear()
        cloud.troubles.append({"code": code})
        with pytest.raises(ProviderFailed) as failed:
            await asked
        assert type(failed.value) is kind
        assert (failed.value.code, failed.value.request_id) == (code, "of-the-call")
        assert len(cloud.asked) == 1
        assert NAME not in str(failed.value), "the provider's own sentence may repeat what was asked"
        assert failed.value.sentence


@pytest.mark.parametrize(("code", "kind"), AGAIN)
async def test_a_result_is_asked_for_again(
    provider: TencentFaceId, cloud: FaceCloud, code: str, kind: type[ProviderFailed]
) -> None:
    token = (await begun(provider)).token
    cloud.troubles.extend([{"code": code}] * 2)
    assert (await provider.finish(token, PERSON)).verdict is Verdict.PENDING
    cloud.asked.clear()
    cloud.troubles.extend([{"code": code}] * 3)
    with pytest.raises(kind):
        await provider.finish(token, PERSON)
    assert len(cloud.asked) == 3


@pytest.mark.parametrize(("code", "kind"), AGAIN)
async def test_a_try_is_opened_again_only_where_none_was_opened(
    provider: TencentFaceId, cloud: FaceCloud, code: str, kind: type[ProviderFailed]
) -> None:
    cloud.troubles.append({"code": code})
    if kind is base.Throttled:
        await begun(provider)
        assert len(cloud.asked) == 2
        return
    with pytest.raises(kind):
        await begun(provider)
    assert len(cloud.asked) == 1


def test_every_code_is_tried_here() -> None:
    tried = [f"{code}." for code, _ in ONCE + AGAIN]
    assert [one for one in CODES if not any(code.startswith(f"{one}.") for code in tried)] == []


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=lambda answer: answer[:25])
async def test_what_is_no_answer_of_the_provider_is_none(
    provider: TencentFaceId, cloud: FaceCloud, answer: str
) -> None:
    token = (await begun(provider)).token
    cloud.asked.clear()
    cloud.troubles.append(answer)
    assert (await provider.finish(token, PERSON)).verdict is Verdict.PENDING
    assert len(cloud.asked) == 2
    cloud.asked.clear()
    cloud.troubles.append(answer)
    with pytest.raises(base.Unreachable):
        await begun(provider)
    assert len(cloud.asked) == 1, "it may have been opened"


@pytest.mark.parametrize(
    "answer", ['{"Response": {"RequestId": "r"}}', '{"Response": {"Url": "javascript:1"}}']
)
async def test_a_try_without_page_or_token_is_none(
    provider: TencentFaceId, cloud: FaceCloud, answer: str
) -> None:
    cloud.troubles.append(answer)
    with pytest.raises(base.Unreachable):
        await begun(provider)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/html"])
async def test_an_error_is_one_whatever_it_is_labelled(
    provider: TencentFaceId, cloud: FaceCloud, content_type: str
) -> None:
    """The SDK alone would make of it an empty record, in which nothing failed."""
    cloud.content_type = content_type
    cloud.troubles.append({"code": "UnauthorizedOperation.Arrears"})
    with pytest.raises(base.Refused):
        await provider.finish("T", PERSON)


async def test_a_wrong_key_is_refused(cloud: FaceCloud, cloud_url: str) -> None:
    async with service_at(cloud_url, secret_key="another") as service:
        with pytest.raises(base.Refused) as refused:
            await begun(TencentFaceId(service, Options(RULE_ID)))
    assert refused.value.code == "AuthFailure.SignatureFailure"
    assert cloud.asked == []


async def test_a_cloud_that_does_not_answer(cloud: FaceCloud, cloud_url: str) -> None:
    async with service_at(cloud_url, timeout=0.2) as service:
        provider = TencentFaceId(service, Options(RULE_ID))
        cloud.troubles.append("slow")
        with pytest.raises(base.Unreachable, match=r"TimeoutError|ReadTimeout"):
            await begun(provider)
        assert len(cloud.asked) == 1, "it may have been opened"
        cloud.troubles.extend(["slow"] * 3)
        with pytest.raises(base.Unreachable):
            await provider.finish("T", PERSON)
        assert cloud.count("GetDetectInfoEnhanced") == 3


async def test_nobody_is_there(unused_tcp_port: int) -> None:
    async with service_at(f"http://127.0.0.1:{unused_tcp_port}") as service:
        with pytest.raises(base.Unreachable, match="ConnectError"):
            await begun(TencentFaceId(service, Options(RULE_ID)))


async def test_many_at_once(provider: TencentFaceId, cloud: FaceCloud) -> None:
    tokens = [found.token for found in await asyncio.gather(*(begun(provider) for _ in range(20)))]
    assert len(set(tokens)) == 20
    for token in tokens[::2]:
        cloud.passes(token)
    outcomes = await asyncio.gather(*(provider.finish(token, PERSON) for token in tokens))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASSED, Verdict.PENDING] * 10
