"""What the owner does: submit, mend what came back, withdraw, and authorize to have it activated."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import new_id, today_in_china
from domain.companies import CompanyMemberRow, CompanyRow, MemberRole
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.registrations import reading
from domain.registrations.errors import DoubtfulCreditCode
from domain.registrations.form import Form
from domain.registrations.moving import advance, held, move, one_at_a_time
from domain.registrations.register import RegisterEntry
from domain.registrations.rules import ENDED, OPEN, RegistrationKind, RegistrationStatus, Rules
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher

# Who gives a registration back in the register's name.
REGISTER = "register"
# Nobody runs more companies at once; what is beyond is not somebody's own.
_MOST_OPEN = 10


async def submit(
    session: AsyncSession,
    openid: str,
    form: Form,
    *,
    rules: Rules,
    cipher: Cipher,
    now: datetime,
    entry: RegisterEntry | None = None,
) -> RegistrationRow:
    """Begin a registration, or a request to join where the company is registered.

    Sent again while one is under way for the same person and company, that one is answered as it is.
    `entry` is what the register said of the company.

    Raises:
        DoubtfulCreditCode: the check character is wrong and was not confirmed.
        ValueOutOfRange: a kind that the city does not admit, a founding day to come, not the representative.
        NotAllowedNow: he acts for the company already, it was struck off, or too many are under way.
    """
    await one_at_a_time(session, form.uscc)
    if found := await reading.open_of(session, openid, form.uscc):
        return found
    _check(form, entry, rules, now)
    await _check_person(session, openid, form.uscc)
    row = RegistrationRow(id=new_id("ZC", now), openid=openid, version=0, activated_at=None, submitted_at=now)
    kind = await _kind(session, form.uscc)
    _check_role(form, kind, rules)
    _fill(row, form, entry, kind, rules, cipher)
    await advance(session, row, openid, now)
    session.add(row)
    await session.flush()
    return row


async def mend(
    session: AsyncSession,
    openid: str,
    registration_id: str,
    form: Form,
    *,
    rules: Rules,
    cipher: Cipher,
    now: datetime,
    entry: RegisterEntry | None = None,
) -> RegistrationRow:
    """Send a returned registration again: it begins its way anew, by the rules of the day.

    Raises:
        NotFound: there is no such registration of this person.
        NotAllowedNow: it was not returned, or the company is another one.
        DoubtfulCreditCode, ValueOutOfRange: as for `submit`.
    """
    row = await _own(session, openid, registration_id)
    if row.state is not RegistrationStatus.RETURNED:
        raise NotAllowedNow(f"这笔注册申请现在是「{row.state.label}」，不需要修改。")
    if form.uscc != row.uscc:
        raise NotAllowedNow("统一社会信用代码不能改成另一家企业的，请撤回这笔申请后重新注册。")
    _check(form, entry, rules, now)
    kind = await _kind(session, form.uscc)
    _check_role(form, kind, rules)
    _fill(row, form, entry, kind, rules, cipher)
    await advance(session, row, openid, now, "补正后重新提交")
    return row


async def withdraw(
    session: AsyncSession, openid: str, registration_id: str, now: datetime
) -> RegistrationRow:
    """Take a registration back; done twice, it is done.

    Raises:
        NotFound: there is no such registration of this person.
        NotAllowedNow: it led to the account already.
    """
    row = await _own(session, openid, registration_id)
    if row.state is RegistrationStatus.REGISTERED:
        raise NotAllowedNow("企业已经注册成功，不能撤回申请。")
    if row.state not in ENDED:
        move(session, row, RegistrationStatus.WITHDRAWN, openid, now)
    return row


async def activate(
    session: AsyncSession, openid: str, uscc: str, now: datetime, *, note: str = ""
) -> RegistrationRow | None:
    """The owner gave the authorization to use credit data: what waits for it goes on, and is returned.

    Given before its turn, it is noted, and that step passed over when its turn comes. None where the person
    has no registration under way for the company: he acts for it already.
    """
    await one_at_a_time(session, uscc)
    row = await reading.open_of(session, openid, uscc)
    if row is None:
        return None
    row.activated_at = row.activated_at or now
    if row.state is RegistrationStatus.ACTIVATION:
        await advance(session, row, openid, now, note)
    return row


async def contradicted(
    session: AsyncSession, openid: str, uscc: str, now: datetime, *, reason: str
) -> RegistrationRow | None:
    """The register says otherwise than the owner: back to him, who mends it. None where nothing waits."""
    await one_at_a_time(session, uscc)
    row = await reading.open_of(session, openid, uscc)
    if row is None or row.state is not RegistrationStatus.ACTIVATION:
        return None
    move(session, row, RegistrationStatus.RETURNED, REGISTER, now, reason)
    return row


async def _own(session: AsyncSession, openid: str, registration_id: str) -> RegistrationRow:
    row = await held(session, registration_id)
    if row is None or row.openid != openid:
        raise NotFound("没有这笔注册申请。")
    return row


async def _kind(session: AsyncSession, uscc: str) -> RegistrationKind:
    joins = await reading.company_is_registered(session, uscc)
    return RegistrationKind.JOIN if joins else RegistrationKind.COMPANY


def _check_role(form: Form, kind: RegistrationKind, rules: Rules) -> None:
    is_another = kind is RegistrationKind.COMPANY and form.role is not MemberRole.LEGAL_REPRESENTATIVE
    if rules.representative_first and is_another:
        raise ValueOutOfRange("role", "请由法定代表人本人先注册企业，其他人员随后申请加入。")


def _check(form: Form, entry: RegisterEntry | None, rules: Rules, now: datetime) -> None:
    if form.kind not in rules.kinds:
        raise ValueOutOfRange("kind", f"企业类型只能是：{'、'.join(rules.kinds.values())}。")
    if form.founded and form.founded > today_in_china(now):
        raise ValueOutOfRange("founded", "成立日期不能晚于今天。")
    if entry and entry.is_gone:
        raise NotAllowedNow(f"登记机关显示这家企业的状态是「{entry.state}」，不能注册。")
    # A register that knows the company is a better witness than the check character.
    if form.doubtful and not form.uscc_confirmed and entry is None:
        raise DoubtfulCreditCode


async def _check_person(session: AsyncSession, openid: str, uscc: str) -> None:
    company = await session.get(CompanyRow, uscc)
    member = await session.get(CompanyMemberRow, (openid, uscc))
    if company and member and reading.is_certain(company, member):
        raise NotAllowedNow("您已经是这家企业的成员，不用再注册。")
    under_way = select(func.count()).where(RegistrationRow.openid == openid, RegistrationRow.status.in_(OPEN))
    if (await session.scalar(under_way) or 0) >= _MOST_OPEN:
        raise NotAllowedNow(f"您有 {_MOST_OPEN} 笔注册申请还没办完，请先办完或撤回其中几笔。")


def _fill(
    row: RegistrationRow,
    form: Form,
    entry: RegisterEntry | None,
    kind: RegistrationKind,
    rules: Rules,
    cipher: Cipher,
) -> None:
    row.kind, row.route = kind, list(rules.route(kind))
    row.uscc, row.uscc_doubtful, row.name = form.uscc, form.doubtful, form.name
    row.company_kind, row.region, row.industry = form.kind, form.region, form.industry
    row.role = form.role
    row.contact = cipher.encrypt(form.contact, "contact")
    row.phone = cipher.encrypt(form.phone, "phone")
    row.founded, row.registered_capital = form.founded, form.registered_capital
    row.entry = entry.model_dump(mode="json", exclude_none=True) if entry else None
