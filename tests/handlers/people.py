"""Who the owner is to the platform, for tests of what that opens to him."""

from domain import admission, companies
from domain.companies import Company
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
