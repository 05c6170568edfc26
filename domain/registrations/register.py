"""What the business register says about a company, for whoever can ask it."""

from typing import Annotated, Protocol

from pydantic import Field

from domain.base import Value
from domain.companies import FoundedOn, Uscc
from domain.products import RegionCode

# 「吊销，未注销」 is as little in business as 「注销」.
_GONE = ("注销", "吊销")


class RegisterEntry(Value):
    """A company as the register has it; `state` in the register's own words, such as 「存续」."""

    uscc: Uscc
    name: Annotated[str, Field(min_length=1, max_length=120)]
    legal_representative: Annotated[str, Field(max_length=64)] | None = None
    founded: FoundedOn | None = None
    region: RegionCode | None = None
    state: Annotated[str, Field(max_length=32)] | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the company was struck off."""
        return any(word in (self.state or "") for word in _GONE)


class CompanyRegister(Protocol):
    """Somebody who can be asked about companies."""

    async def look_up(self, uscc: str) -> RegisterEntry | None:
        """The entry; None where there is none, and where the register cannot be reached just now."""
