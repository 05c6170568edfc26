"""Who the owner is to the platform, for tests of what that opens to him."""

from datetime import timedelta

from domain import admission, companies
from domain.companies import Company, MemberRole
from domain.identity import verifications
from domain.identity.tables import State
from domain.identity.verifications import Ending, Person
from domain.labels import Industry
from domain.registrations import deciding, submitting
from domain.registrations.deciding import Office
from domain.registrations.form import Form
from domain.registrations.rules import Review, Rules
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher, decode_key, new_key
from tests.handlers.owner import Owner

USCC = "91320583MA1MUQ8K3F"
OTHER_USCC = "91320583MA1P5XQ40N"


async def enrol(owner: Owner, uscc: str = USCC, name: str = "昆山恒达五金有限公司") -> None:
    """As an import from another platform does: registered, verified, and with the consent to matching."""
    company = Company(uscc=uscc, name=name, openid=owner.openid, enrolled=True)
    async with owner.database.unit_of_work() as session:
        await companies.save_all(session, [company], owner.now, cipher=Cipher(decode_key(new_key())))


async def bind(owner: Owner, uscc: str = USCC, name: str = "昆山恒达五金有限公司") -> None:
    """As an import that vouches for nothing."""
    company = Company(uscc=uscc, name=name, openid=owner.openid)
    async with owner.database.unit_of_work() as session:
        await companies.save_all(session, [company], owner.now, cipher=Cipher(decode_key(new_key())))


async def time_goes_on(owner: Owner) -> list[str]:
    """What the worker publishes at its next look."""
    async with owner.database.unit_of_work() as session:
        return [row.id for row in await admission.go_on(session, owner.now)]


async def apply(owner: Owner, *reviews: Review, activation: bool = True) -> RegistrationRow:
    """The form of the registration page, sent in."""
    form = Form(
        uscc=USCC,
        name="昆山恒达五金有限公司",
        kind="other",
        region="320583",
        industry=Industry("C"),
        role=MemberRole.LEGAL_REPRESENTATIVE,
        contact="张三",
        phone="13812345678",
        uscc_confirmed=True,
    )
    rules = Rules(frozenset(reviews), activation, {"other": "其他企业"})
    cipher = Cipher(decode_key(new_key()))
    async with owner.database.unit_of_work() as session:
        return await submitting.submit(session, owner.openid, form, rules=rules, cipher=cipher, now=owner.now)


async def answered(owner: Owner, row: RegistrationRow, *, reason: str = "") -> RegistrationRow:
    """An office says yes, or gives the registration back for a reason."""
    office = Office("审核员", None)
    async with owner.database.unit_of_work() as session:
        if reason:
            return await deciding.give_back(
                session, row.id, office, seen=row.version, reason=reason, now=owner.now
            )
        return await deciding.approve(session, row.id, office, seen=row.version, now=owner.now)


async def verify(owner: Owner, state: State = State.PASSED) -> None:
    """A check of who the person is gets as far as that."""
    cipher = Cipher(decode_key(new_key()))
    async with owner.database.unit_of_work() as session:
        row = await verifications.begin(
            session,
            owner.openid,
            Person("张三", "11010519491231002X"),
            provider="sandbox",
            consent=None,
            expires_at=owner.now + timedelta(hours=1),
            tries_per_day=5,
            now=owner.now,
            cipher=cipher,
        )
        if state is State.PASSED:
            await verifications.finish(session, row.id, Ending(state), owner.now, cipher=cipher)
        else:
            row.state = state
