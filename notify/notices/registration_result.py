"""Progress of a registration, to who submitted it, and to who may let somebody join his company."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.companies import CompanyRow
from domain.registrations import reading
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from notify.fields import Value
from notify.notice import Letter, Notice

_PATH = "/m/register"
# A phrase holds five characters; the second text stands where no reason was given.
RESULTS = {
    RegistrationStatus.MEMBER_REVIEW: ("待企业确认", "等企业负责人同意您加入"),
    RegistrationStatus.DISTRICT_REVIEW: ("待区县初审", "资料已收到，请等待审核"),
    RegistrationStatus.CITY_REVIEW: ("待市级复审", "初审已通过，请等待复审"),
    RegistrationStatus.ACTIVATION: ("待授权激活", "点开办实名认证和数据授权"),
    RegistrationStatus.REGISTERED: ("注册成功", "现在可以申请融资了"),
    RegistrationStatus.RETURNED: ("退回补正", ""),
    RegistrationStatus.WITHDRAWN: ("已撤回", "您已撤回这笔申请"),
}
_ASKED = ("待您确认", "有人申请加入，请点开核对")


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    number = payload["step"]
    row = await session.get(RegistrationRow, payload["registration_id"])
    step = await session.get(RegistrationStepRow, (payload["registration_id"], number))
    if row is None or step is None:
        return []
    # The step's own status, not the row's: the row may have moved on while the event waited.
    after = RegistrationStatus(step.after)
    result, reason = RESULTS[after]
    subject = f"{row.id}:{number}"
    letters = [_letter(row.openid, subject, row.name, result, step.note or reason, step)]
    if after is RegistrationStatus.MEMBER_REVIEW:
        # By the name that the company is known by, not the one that a stranger typed.
        company = await session.get(CompanyRow, row.uscc)
        name = company.name if company else row.name
        heads = await reading.deciders(session, row.uscc)
        letters += [_letter(head, subject, name, *_ASKED, step) for head in heads]
    return letters


def _letter(
    openid: str, subject: str, company: str, result: str, reason: str, step: RegistrationStepRow
) -> Letter:
    values: dict[str, Value] = {"company": company, "result": result, "reason": reason, "time": step.at}
    return Letter(openid, subject, values, path=_PATH)


# Immediate: offices decide by day, and what happens at night is what the owner just did himself.
NOTICE = Notice(
    name="registration_result",
    values=frozenset({"company", "result", "reason", "time"}),
    events=(events.REGISTRATION_MOVED,),
    immediate=True,
    write=_write,
)
