"""Whether a company's four elements belong together, before a socket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.identity import base
from bot.identity.enterprise_four_elements import Element, Operating, TencentEnterpriseCheck
from bot.identity.tencent import OCR
from tests.bot.identity.cloud import FaceCloud
from tests.bot.identity.conftest import NAME, NUMBER, PERSON, service_at

USCC, COMPANY = "91320583MA1P8QXR4G", "苏州融桥精密机械有限公司"
FIELDS = {
    Element.USCC: "IsCreditCodeConsistent",
    Element.NAME: "IsEntNameConsistent",
    Element.LEGAL_REPRESENTATIVE: "IsLrNameConsistent",
    Element.ID_NUMBER: "IsIdNumConsistent",
}
ALL_WELL: dict[str, Any] = {
    "StatusCode": 0,
    "VerifyResult": 1,
    "OperatingStatus": "1",
    "OperatingPeriod": "2016-05-01/",
    **dict.fromkeys(FIELDS.values(), True),
}


@pytest.fixture
async def check(cloud_url: str) -> AsyncIterator[TencentEnterpriseCheck]:
    async with service_at(cloud_url, product=OCR) as service:
        yield TencentEnterpriseCheck(service)


async def test_four_that_belong_together(check: TencentEnterpriseCheck, cloud: FaceCloud) -> None:
    cloud.enterprise = ALL_WELL
    found = await check.compare(USCC, COMPANY, PERSON)
    assert (found.consistent, found.operating, found.evidence) == (True, Operating.OPEN, "of-the-call")
    question = {"CreditCode": USCC, "EntName": COMPANY, "LrName": NAME, "IdNum": NUMBER}
    assert cloud.asked == [("VerifyBizLicenseEnterprise4", question)]


@pytest.mark.parametrize("element", list(FIELDS))
async def test_the_one_that_differs_is_named(
    check: TencentEnterpriseCheck, cloud: FaceCloud, element: Element
) -> None:
    cloud.enterprise = ALL_WELL | {"VerifyResult": 0, FIELDS[element]: False}
    found = await check.compare(USCC, COMPANY, PERSON)
    assert (found.consistent, found.differing) == (False, (element,))


@pytest.mark.parametrize(
    ("said", "operating"),
    [
        *(("1", Operating.OPEN), ("2", Operating.OTHER), ("3", Operating.CLOSED), ("4", Operating.CLOSED)),
        *(("5", Operating.CLOSED), ("6", Operating.OTHER), ("7", Operating.CLOSED), ("0", Operating.OTHER)),
        *(("/", Operating.UNKNOWN), (None, Operating.UNKNOWN)),
    ],
)
async def test_whether_the_company_still_operates(
    check: TencentEnterpriseCheck, cloud: FaceCloud, said: str | None, operating: Operating
) -> None:
    cloud.enterprise = ALL_WELL | {"OperatingStatus": said}
    assert (await check.compare(USCC, COMPANY, PERSON)).operating is operating


@pytest.mark.parametrize(
    "said",
    [
        {"StatusCode": 1},
        {"StatusCode": None},
        {"VerifyResult": 0},
        {"IsLrNameConsistent": False},
        {"IsLrNameConsistent": None},
    ],
)
async def test_no_answer_and_one_that_contradicts_itself_are_not_believed(
    check: TencentEnterpriseCheck, cloud: FaceCloud, said: dict[str, Any]
) -> None:
    cloud.enterprise = ALL_WELL | said
    with pytest.raises(base.Unreachable):
        await check.compare(USCC, COMPANY, PERSON)


async def test_what_is_charged_is_not_asked_twice(check: TencentEnterpriseCheck, cloud: FaceCloud) -> None:
    for trouble, kind in (
        ({"code": "InternalError"}, base.Unreachable),
        ("500", base.Unreachable),
        ("drop", base.Unreachable),
        ({"code": "UnauthorizedOperation"}, base.Refused),
    ):
        cloud.asked.clear()
        cloud.troubles.append(trouble)
        with pytest.raises(kind):
            await check.compare(USCC, COMPANY, PERSON)
        assert len(cloud.asked) == 1
    cloud.asked.clear()
    cloud.enterprise = ALL_WELL
    cloud.troubles.append({"code": "RequestLimitExceeded"})
    assert (await check.compare(USCC, COMPANY, PERSON)).consistent
    assert len(cloud.asked) == 2, "a call that was held back was not charged"
