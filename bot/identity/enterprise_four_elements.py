"""Whether credit code, company name, legal representative and his ID number belong together (企业四要素).

Tencent Cloud OCR, VerifyBizLicenseEnterprise4. Charged by the answer, so that nothing is asked twice that may
have been answered.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.identity.base import Unreachable
from bot.identity.tencent import TencentService
from domain.identity.verifications import Person


class Element(StrEnum):
    """What is compared, by its name in the data formats."""

    USCC = "uscc"
    NAME = "name"
    LEGAL_REPRESENTATIVE = "legal_representative"
    ID_NUMBER = "id_number"


class Operating(StrEnum):
    """The state of the company at the register."""

    OPEN = "open"
    CLOSED = "closed"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differing` is empty when all four belong together; `evidence` is the number of the answer."""

    differing: tuple[Element, ...]
    operating: Operating
    evidence: str

    @property
    def consistent(self) -> bool:
        return not self.differing


class EnterpriseCheck(Protocol):
    """Asks a register about a company and who stands for it."""

    async def compare(self, uscc: str, name: str, representative: Person) -> Comparison:
        """Raises ProviderFailed: it is not known."""


class TencentEnterpriseCheck:
    """As `EnterpriseCheck` says."""

    def __init__(self, service: TencentService) -> None:
        self._service = service

    async def compare(self, uscc: str, name: str, representative: Person) -> Comparison:
        question = {
            "CreditCode": uscc,
            "EntName": name,
            "LrName": representative.name,
            "IdNum": representative.id_number,
        }
        answer = await self._service.call("VerifyBizLicenseEnterprise4", question, repeatable=False)
        evidence = str(answer.get("RequestId") or "")
        if answer.get("StatusCode") != 0:
            raise Unreachable("VerifyBizLicenseEnterprise4: the register did not answer", request_id=evidence)
        differing = tuple(element for element, field in _FIELDS.items() if answer.get(field) is not True)
        if (answer.get("VerifyResult") == 1) != (not differing):
            raise Unreachable("VerifyBizLicenseEnterprise4: contradicts itself", request_id=evidence)
        return Comparison(differing, _operating(answer), evidence)


_FIELDS = {
    Element.USCC: "IsCreditCodeConsistent",
    Element.NAME: "IsEntNameConsistent",
    Element.LEGAL_REPRESENTATIVE: "IsLrNameConsistent",
    Element.ID_NUMBER: "IsIdNumConsistent",
}
_OPERATING = {
    "1": Operating.OPEN,
    # Moved away, and suspended.
    "2": Operating.OTHER,
    "6": Operating.OTHER,
    "0": Operating.OTHER,
    # Deregistered, licence withdrawn, cancelled, registration cancelled.
    "3": Operating.CLOSED,
    "4": Operating.CLOSED,
    "5": Operating.CLOSED,
    "7": Operating.CLOSED,
}


def _operating(answer: dict[str, Any]) -> Operating:
    return _OPERATING.get(str(answer.get("OperatingStatus")), Operating.UNKNOWN)
