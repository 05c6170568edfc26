"""Any valid record of each kind, and how a person would write it as a row, a line or a sheet."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from openpyxl import Workbook

from domain.base import Value
from domain.companies import Company, Member, MemberRole
from domain.conditions import Conditions
from domain.credit.values import CreditStatement
from domain.institutions import Branch, Institution, InstitutionKind, Officer
from domain.labels import (
    Collateral,
    Guarantee,
    Industry,
    PolicyKind,
    PolicyLevel,
    ProductKind,
    Purpose,
    Qualification,
    TaxGrade,
)
from domain.loans import Loan, LoanState
from domain.policies import Policy
from domain.products import Product

# Everything that delimiters, quotes and lines are made of, but what separates items within a cell.
_WORDS = st.text("甲乙丙贷款企业ABCxyz ,;\t，；'\"()（）。\n", max_size=12).map(str.strip)
_NAME = _WORDS.filter(bool)
_PART = st.text("甲乙丙支行ABC ,;'\"", max_size=8).map(str.strip).filter(lambda text: text not in {"", "无"})
_OPENID = st.text("oABCdef0123_-", min_size=1, max_size=28)
_CODE = st.from_regex(r"[A-Z][A-Za-z0-9._-]{0,20}", fullmatch=True)
_USCC = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18)
_REGION = st.sampled_from(["320000", "320500", "320583", "460000"])
_YUAN = st.integers(0, 10**13)
_COUNT = st.integers(0, 10**6)
_RATE = st.decimals(0, 100, places=2)
_DAY = st.dates(date(1949, 10, 1), date(2060, 12, 31))


def _some(of: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    items = st.sampled_from(list(of)) if isinstance(of, type) else of
    return st.lists(items, max_size=3, unique=True).map(tuple)


def _or_not(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


_CONDITIONS: st.SearchStrategy[Conditions] = st.fixed_dictionaries(
    {},
    optional={
        "founded_months_min": st.integers(0, 1200),
        "revenue_max": _YUAN,
        "debt_ratio_max": st.decimals(0, 2, places=2),
        "tax_grades": _some(TaxGrade),
        "qualifications_any": _some(Qualification),
        "first_loan": st.booleans(),
        "no_overdue": st.just(True),
    },
).map(Conditions.model_validate)

_PRODUCTS = st.builds(
    Product,
    code=_CODE,
    name=_NAME,
    institution=_NAME,
    kind=st.sampled_from(ProductKind),
    amount_max=_or_not(_YUAN),
    term_max_months=_or_not(st.integers(0, 1200)),
    rate_min=_or_not(_RATE),
    guarantees=_some(Guarantee),
    purposes=_some(Purpose),
    regions=_some(_REGION),
    industries=_some(Industry),
    conditions=_CONDITIONS,
    materials=_some(_PART),
    description=_WORDS,
    valid_to=_or_not(_DAY),
)
_POLICIES = st.builds(
    Policy,
    code=_CODE,
    title=_NAME,
    issuer=_NAME,
    level=st.sampled_from(PolicyLevel),
    kind=st.sampled_from(PolicyKind),
    conditions=_CONDITIONS,
    benefit_max=_or_not(_YUAN),
    text=_WORDS,
    published=_or_not(_DAY),
    url=st.sampled_from(["", "https://example.com/政策?a=1,2"]),
)
_COMPANIES = st.builds(
    Company,
    uscc=_USCC,
    name=_NAME,
    region=_or_not(_REGION),
    industry=_or_not(st.sampled_from(Industry)),
    founded=_or_not(_DAY),
    revenue=_or_not(_YUAN),
    employees=_or_not(_COUNT),
    tax_grade=_or_not(st.sampled_from(TaxGrade)),
    qualifications=_or_not(_some(Qualification)),
    first_loan=_or_not(st.booleans()),
    collaterals=_or_not(_some(Collateral)),
    openid=_or_not(_OPENID),
    members=st.lists(
        st.builds(Member, openid=_OPENID, role=_or_not(st.sampled_from(MemberRole))), max_size=3
    ).map(tuple),
    contact=_or_not(_PART),
    phone=_or_not(st.from_regex(r"1\d{10}", fullmatch=True)),
    enrolled=st.booleans(),
    notices=_some(_PART),
)
_LOANS = st.builds(
    Loan,
    loan_id=_CODE,
    uscc=_USCC,
    institution=_NAME,
    product=_or_not(_NAME),
    amount=st.integers(10**6, 10**13),
    balance=st.integers(0, 10**6),
    rate=_or_not(_RATE),
    granted_on=st.dates(date(2015, 1, 1), date(2020, 1, 1)),
    due_on=st.dates(date(2020, 1, 2), date(2040, 1, 1)),
    state=st.sampled_from(LoanState),
)


@st.composite
def _institutions(draw: st.DrawFn) -> Institution:
    branches = draw(st.lists(_PART.filter(lambda text: "@" not in text), max_size=3, unique=True))
    openids = draw(st.lists(_OPENID, max_size=3, unique=True))
    home = _or_not(st.sampled_from(branches)) if branches else st.none()
    return Institution(
        name=draw(_NAME),
        kind=draw(st.sampled_from(InstitutionKind)),
        aliases=draw(_some(_PART)),
        regions=draw(_some(_REGION)),
        branches=tuple(Branch(name=name, region=draw(_or_not(_REGION))) for name in branches),
        officers=tuple(Officer(openid=o, name=draw(_PART), branch=draw(home)) for o in openids),
    )


_CREDIT = st.builds(
    CreditStatement,
    uscc=_USCC,
    indicator=_CODE,
    as_of=_DAY,
    value=_NAME | st.integers(-(10**12), 10**12).map(str) | st.floats(-(10**6), 10**6).map(str),
    source=_NAME,
    ended_on=_or_not(_DAY),
)


RECORDS: dict[str, st.SearchStrategy[Any]] = {
    "products": _PRODUCTS,
    "policies": _POLICIES,
    "companies": _COMPANIES,
    "institutions": _institutions(),
    "loans": _LOANS,
    "credit": _CREDIT,
}


def cells(record: Value) -> dict[str, Any]:
    """The record as cells by column: dates, numbers and truths as such, all else as text."""
    row: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, Conditions):
            row |= {f"conditions.{key}": _cell(getattr(value, key), None) for key in Conditions.model_fields}
        else:
            row[name] = _cell(value, type(record).model_fields[name].default)
    return row


def _cell(value: Any, unstated: Any) -> Any:
    if isinstance(value, tuple):
        none = "无" if unstated is None and value == () else ""
        return "|".join(_item(item) for item in value) or none
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | date) else str(value)


def _item(item: Any) -> str:
    if isinstance(item, Value):
        return "@".join(str(part or "") for part in item.model_dump().values()).rstrip("@")
    return str(item)


def write_csv(
    file: Path, rows: list[dict[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> None:
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def write_xlsx(file: Path, rows: list[dict[str, Any]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in [list(rows[0]), *([*row.values()] for row in rows)]:
        sheet.append(line)
    book.save(file)


def write_json_lines(file: Path, records: list[Value]) -> None:
    dumped = (record.model_dump(mode="json", exclude_unset=True) for record in records)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in dumped), encoding="utf-8")


def write_json_array(file: Path, records: list[Value]) -> None:
    rows = [record.model_dump(mode="json", exclude_unset=True) for record in records]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
