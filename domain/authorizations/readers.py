"""Who wants to read what, and what for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from domain.authorizations.labels import PLATFORM, Category, DataPurpose, Kind, ReaderKind


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. `name` is what the company sees, `actor` is who exactly, for whoever looks into it later."""

    kind: ReaderKind
    name: str
    actor: str

    @classmethod
    def owner(cls, openid: str) -> Self:
        """A person, for a company of his own."""
        return cls(ReaderKind.OWNER, "", openid)

    @classmethod
    def institution(cls, name: str, client: str) -> Self:
        """An institution of the catalogue, by the id of its API client or officer."""
        return cls(ReaderKind.INSTITUTION, name, client)

    @classmethod
    def platform(cls, task: str) -> Self:
        """The service itself; `task` names what it does, such as `scoring`."""
        return cls(ReaderKind.PLATFORM, PLATFORM, task)

    @property
    def needs(self) -> Kind | None:
        """The kind of authorization he reads under; an owner needs none."""
        return {
            ReaderKind.OWNER: None,
            ReaderKind.INSTITUTION: Kind.PASSING_ON,
            ReaderKind.PLATFORM: Kind.CREDIT_DATA,
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the gate, whichever company it is about."""

    reader: Reader
    scope: frozenset[Category]
    purpose: DataPurpose

    @classmethod
    def of(cls, reader: Reader, scope: Collection[Category], purpose: DataPurpose) -> Self:
        if not scope:
            raise ValueError("a query names the categories that it reads")
        return cls(reader, frozenset(scope), purpose)
