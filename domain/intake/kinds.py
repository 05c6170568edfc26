"""The kinds of records that are taken over: format, key, and who keeps them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, institutions, loans, policies, products
from domain.base import Value
from domain.bulk import Fields
from domain.companies import Company
from domain.institutions import Institution
from domain.loans import Loan
from domain.policies import Policy
from domain.products import Product
from domain.secrets import Cipher

Kind = Literal["products", "policies", "companies", "institutions", "loans"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FORMATS: dict[Kind, type[Value]] = {
    "products": Product,
    "policies": Policy,
    "companies": Company,
    "institutions": Institution,
    "loans": Loan,
}
KEYS: dict[Kind, str] = {
    "products": "code",
    "policies": "code",
    "companies": "uscc",
    "institutions": "name",
    "loans": "loan_id",
}


async def _nothing_to_remark(session: AsyncSession, values: Sequence[Any]) -> set[str]:
    del session, values
    return set()


async def _loans_of_strangers(session: AsyncSession, values: Sequence[Loan]) -> set[str]:
    """The credit codes of companies that are not known."""
    return await companies.unknown(session, [loan.uscc for loan in values])


@dataclass(frozen=True, slots=True)
class Keeper:
    """The use cases of one kind: what is stored by key, what a record becomes, writing many, odd `uscc`s."""

    known: Callable[[AsyncSession, Sequence[str]], Awaitable[dict[str, Fields]]]
    fields: Callable[[Any, Fields | None], Fields]
    save_all: Callable[[AsyncSession, Sequence[Any], datetime], Awaitable[None]]
    strangers: Callable[[AsyncSession, Sequence[Any]], Awaitable[set[str]]] = _nothing_to_remark
    in_catalogue: bool = False


def keeper(kind: Kind, cipher: Cipher) -> Keeper:
    match kind:
        case "products":
            return Keeper(products.known, products.fields, products.save_all, in_catalogue=True)
        case "policies":
            return Keeper(policies.known, policies.fields, policies.save_all, in_catalogue=True)
        case "institutions":
            return Keeper(institutions.known, institutions.fields, institutions.save_all)
        case "loans":
            return Keeper(loans.known, loans.fields, loans.save_all, _loans_of_strangers)
        case "companies":
            known = partial(companies.known, cipher=cipher)
            return Keeper(known, companies.fields, partial(companies.save_all, cipher=cipher))
