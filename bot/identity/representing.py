"""Whether who registers a company as its legal representative is that, by the register (企业四要素)."""

from dataclasses import dataclass

from bot.identity.base import ProviderFailed
from bot.identity.checking import ProviderTrouble
from bot.identity.enterprise_four_elements import Comparison, Element, EnterpriseCheck, Operating
from domain.companies import MemberRole
from domain.database import Database
from domain.identity import verifications
from domain.registrations import reading
from domain.registrations.rules import RegistrationKind, RegistrationStatus
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher

_NAMES = {
    Element.USCC: "统一社会信用代码",
    Element.NAME: "企业名称",
    Element.LEGAL_REPRESENTATIVE: "法定代表人姓名",
    Element.ID_NUMBER: "法定代表人身份证号",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What the register says: `against` is why not, in Chinese, empty where all is well."""

    against: str
    evidence: str


class Representing:
    """Asked once a registration that waits for nothing else is to take effect; each answer is charged."""

    def __init__(self, database: Database, cipher: Cipher, check: EnterpriseCheck) -> None:
        self._database = database
        self._cipher = cipher
        self._check = check

    async def word(self, openid: str, uscc: str) -> Word | None:
        """None where there is nothing to compare: he claims no such place, or it is not known who he is.

        Raises:
            ProviderTrouble: the register does not answer now; nothing is decided.
        """
        async with self._database.reading() as session:
            row = await reading.open_of(session, openid, uscc)
            person = await verifications.verified(session, openid, cipher=self._cipher)
        if row is None or person is None or not _claims(row):
            return None
        try:
            return _word(await self._check.compare(row.uscc, row.name, person))
        except ProviderFailed as error:
            raise ProviderTrouble(error.sentence) from error


def _claims(row: RegistrationRow) -> bool:
    is_first = row.kind == RegistrationKind.COMPANY and row.state is RegistrationStatus.ACTIVATION
    return is_first and row.role == MemberRole.LEGAL_REPRESENTATIVE


def _word(found: Comparison) -> Word:
    if found.differing:
        named = "、".join(_NAMES[element] for element in found.differing)
        return Word(f"和登记机关的信息对不上：{named}。请核对后修改，再提交一次。", found.evidence)
    if found.operating is Operating.CLOSED:
        return Word("登记机关显示这家企业已经注销或吊销，不能注册。", found.evidence)
    return Word("", found.evidence)
