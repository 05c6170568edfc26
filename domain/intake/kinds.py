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
from domain.credit import intake as credit
from domain.credit.registry import Registry
from domain.credit.values import CreditStatement
from domain.institutions import Institution
from domain.intake.entries import Rejected
from domain.loans import Loan
from domain.policies import Policy
from domain.products import Product
from domain.secrets import Cipher

Kind = Literal["products", "policies", "companies", "institutions", "loans", "credit"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# By API credit data have a call of their own: they come in batches with numbers.
RECORD_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "credit")

FORMATS: dict[Kind, type[Value]] = {
    "products": Product,
    "policies": Policy,
    "companies": Company,
    "institutions": Institution,
    "loans": Loan,
    "credit": CreditStatement,
}
KEYS: dict[Kind, str] = {
    "products": "code",
    "policies": "code",
    "companies": "uscc",
    "institutions": "name",
    "loans": "loan_id",
    "credit": "key",
}


async def _nothing_to_remark(session: AsyncSession, values: Sequence[Any]) -> set[str]:
    del session, values
    return set()


def _nothing_else_is_wrong(place: int, value: Any) -> Sequence[Rejected]:
    del place, value
    return ()


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
    # What the format alone cannot say.
    problems: Callable[[int, Any], Sequence[Rejected]] = _nothing_else_is_wrong


def keeper(kind: Kind, cipher: Cipher, indicators: Registry) -> Keeper:
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
        case "credit":
            return Keeper(
                credit.known,
                credit.fields,
                partial(credit.save_all, registry=indicators),
                credit.of_strangers,
                problems=partial(credit.problems, registry=indicators),
            )
