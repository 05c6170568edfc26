"""The form of a registration, as the owner fills it in."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field
from stdnum.cn import uscc as credit_code

from domain import regions
from domain.base import Value
from domain.companies import FoundedOn, MemberRole, Uscc
from domain.conditions import Yuan
from domain.labels import Industry
from domain.products import RegionCode

_HOME = "CN"
_HOME_CODE = 86


def _known_place(code: str) -> str:
    if not regions.exists(code):
        raise ValueError("没有这个行政区划代码")
    # A province has no office that could look at it, and no programme of its own for the company.
    if code.endswith("0000"):
        raise ValueError("请选到市或区县")
    return code


def _phone(text: str) -> str:
    """Digits alone for numbers of this country, `+` and the country's code before all others."""
    try:
        number = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException as error:
        raise ValueError("电话号码不正确，请填写手机号或带区号的座机") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("电话号码不正确，请填写手机号或带区号的座机")
    if number.country_code != _HOME_CODE:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(filter(str.isdigit, written))


Place = Annotated[RegionCode, AfterValidator(_known_place)]
Phone = Annotated[str, Field(max_length=32), AfterValidator(_phone)]


class Form(Value):
    """What is asked of the applicant. `kind` is one of the city's kinds of company.

    `uscc_confirmed` says that the owner looked at a doubtful credit code again, and it is on his licence.
    """

    uscc: Uscc
    name: Annotated[str, Field(min_length=2, max_length=120)]
    kind: Annotated[str, Field(max_length=32)]
    region: Place
    industry: Industry
    role: MemberRole
    contact: Annotated[str, Field(min_length=1, max_length=64)]
    phone: Phone
    founded: FoundedOn | None = None
    registered_capital: Yuan | None = None
    uscc_confirmed: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether the check character is wrong, as it is in a few genuine codes."""
        return not credit_code.is_valid(self.uscc)
