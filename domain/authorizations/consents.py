"""What an owner agrees to: one kind, one recipient, what, what for, how long."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from domain.authorizations.labels import (
    ALL_CATEGORIES,
    LINKED,
    PLATFORM,
    PURPOSES,
    WITHOUT_SCOPE,
    Category,
    DataPurpose,
    Kind,
)
from domain.authorizations.rules import Rules
from domain.base import storable
from domain.errors import ValueOutOfRange


@dataclass(frozen=True, slots=True)
class Consent:
    """One tick. `uscc` is empty where a person agrees for himself; `days` is the term.

    Raises:
        ValueOutOfRange: nothing chosen, or what that kind cannot be asked for.
    """

    kind: Kind
    uscc: str | None
    recipient: str
    scope: frozenset[Category]
    purposes: frozenset[DataPurpose]
    days: int

    def __post_init__(self) -> None:
        if not storable(self.recipient):
            raise ValueOutOfRange("recipient", "机构名称里有不能识别的字符。")
        if not self.purposes:
            raise ValueOutOfRange("purposes", "请至少选择一项用途。")
        if not self.purposes <= PURPOSES[self.kind]:
            raise ValueOutOfRange("purposes", f"{self.kind.label}不包括所选的用途。")
        if not self.scope and self.kind not in WITHOUT_SCOPE:
            raise ValueOutOfRange("scope", "请至少选择一类信息。")

    @classmethod
    def credit_data(
        cls,
        uscc: str,
        rules: Rules,
        *,
        scope: Collection[Category] = ALL_CATEGORIES,
        purposes: Collection[DataPurpose] = PURPOSES[Kind.CREDIT_DATA],
        days: int | None = None,
    ) -> Self:
        """The platform may use the company's data; all that it asks for unless less is said."""
        kind = Kind.CREDIT_DATA
        term = _term(days, rules.days(kind))
        return cls(kind, uscc, PLATFORM, frozenset(scope), frozenset(purposes), term)

    @classmethod
    def passing_on(
        cls,
        uscc: str,
        institution: str,
        rules: Rules,
        *,
        scope: Collection[Category] = ALL_CATEGORIES,
        purposes: Collection[DataPurpose] = PURPOSES[Kind.PASSING_ON],
        days: int | None = None,
    ) -> Self:
        """The platform may pass the data on to that institution, and to no other."""
        kind = Kind.PASSING_ON
        term = _term(days, rules.days(kind))
        return cls(kind, uscc, institution, frozenset(scope), frozenset(purposes), term)

    @classmethod
    def face(cls, provider: str, rules: Rules) -> Self:
        """The person's face may be checked by that provider, named as people know it."""
        kind = Kind.FACE
        return cls(kind, None, provider, frozenset(), PURPOSES[kind], rules.days(kind))

    @classmethod
    def linkage(cls, uscc: str, rules: Rules) -> Self:
        """Institutions that lend to the company and such that invest in it may see how the others stand."""
        kind = Kind.LINKAGE
        return cls(kind, uscc, LINKED, frozenset(), PURPOSES[kind], rules.days(kind))


def _term(days: int | None, longest: int) -> int:
    if days is None:
        return longest
    if not 1 <= days <= longest:
        raise ValueOutOfRange("days", f"授权期限可以选1到{longest}天。")
    return days
