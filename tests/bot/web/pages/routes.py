"""All routes of the pages, with what fills their blanks: a new one fails a test until it is listed here."""

import re
from dataclasses import dataclass

from tests.bot.web.pages.town import Everything

_BLANK = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Route:
    """`blanks` are names of fields of `Everything`; `query` is filled in from them too."""

    method: str
    canonical: str
    blanks: tuple[str, ...] = ()
    query: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.canonical}{self.query}"

    def path(self, mine: Everything) -> str:
        values = {name: getattr(mine, name) for name in Everything.__annotations__}
        path = self.canonical
        for blank in self.blanks:
            path = _BLANK.sub(str(values[blank]), path, count=1)
        return f"{path}{self.query.format(**values)}"

    def form(self, mine: Everything) -> dict[str, str]:
        values = {name: getattr(mine, name) for name in Everything.__annotations__}
        return {name: value.format(**values) for name, value in self.fields}


def get(canonical: str, *blanks: str, query: str = "") -> Route:
    return Route("GET", canonical, blanks, query)


def post(canonical: str, *blanks: str, query: str = "", **fields: str) -> Route:
    return Route("POST", canonical, blanks, query, tuple(fields.items()))


ROUTES = [
    get("/m"),
    get("/m/"),
    get("/m/register"),
    get("/m/register", query="?new=1"),
    post("/m/register"),
    get("/m/registrations/{id}", "registration"),
    get("/m/registrations/{id}", "returned", query="?mend=1"),
    post("/m/registrations/{id}", "returned", name="别人的公司", uscc="{uscc_returned}"),
    get("/m/registrations/{id}/withdraw", "returned"),
    post("/m/registrations/{id}/withdraw", "returned"),
    post("/m/joining/{id}", "joining", answer="yes", seen="{joining_version}"),
    get("/m/places", query="?of=320000"),
    get("/m/identity"),
    post("/m/identity"),
    get("/m/identity/return/{id}", "verification"),
    get("/m/identity/return/{id}", "verification", query="?BizToken=made-up"),
    get("/m/identity/material/{id}", "verification"),
    post("/m/identity/material/{id}", "verification"),
    get("/m/authorizations"),
    get("/m/authorizations/new", query="?kind=credit_data&company={uscc}"),
    get(
        "/m/authorizations/new",
        query="?kind=passing_on&company={uscc}&institution={bank}&scope=base&purpose=pre_loan&read=1",
    ),
    post(
        "/m/authorizations/new",
        kind="credit_data",
        company="{uscc}",
        scope="base",
        purpose="matching",
        agree="yes",
        text_version="1",
        text_hash="x",
    ),
    get("/m/authorizations/{id}", "authorization"),
    get("/m/authorizations/{id}", "face"),
    get("/m/authorizations/{id}/revoke", "authorization"),
    get("/m/authorizations/{id}/revoke", "face"),
    post("/m/authorizations/{id}/revoke", "authorization"),
    post("/m/authorizations/{id}/revoke", "face"),
    get("/m/consents/{kind}/{version}"),
    get("/m/access-log", query="?company={uscc}"),
    get("/m/access-log", query="?company={uscc}&before=999999"),
    get("/m/credit", query="?company={uscc}"),
    get("/m/credit", query="?company={uscc}&all=1"),
    get("/m/objections", query="?company={uscc}"),
    get("/m/objections/new", query="?company={uscc}&indicator=registered_capital"),
    post("/m/objections/new", query="?company={uscc}&indicator=tax_grade", value="{value}", text="不对"),
    post("/m/objections/{id}/withdraw", "objection"),
    get("/m/requests"),
    get("/m/requests/{id}", "request"),
    get("/m/requests/{id}/accept", "request", query="?institution={bank}"),
    post("/m/requests/{id}/accept", "request", institution="{bank}", seen="2"),
    get("/m/requests/{id}/decline", "request", query="?institution={bank}"),
    post("/m/requests/{id}/decline", "request", institution="{bank}"),
    get("/m/requests/{id}/rate", "request", query="?institution={rural}"),
    post("/m/requests/{id}/rate", "request", institution="{rural}", stars="1", words="太慢"),
    get("/m/requests/{id}/withdraw", "request"),
    post("/m/requests/{id}/withdraw", "request"),
    get("/m/cases/{id}", "case"),
    post("/m/cases/{id}", "case", words="再说一句"),
    get("/m/cases/{id}/withdraw", "case"),
    post("/m/cases/{id}/withdraw", "case"),
    get("/m/policies"),
    get("/m/policies/{code}", "policy"),
    get("/m/policies/{code}", "policy", query="?company={uscc}"),
    post("/m/policies/{code}/prepare", "policy", query="?company={uscc}", material="form"),
    post("/m/policies/{code}/submitted", "policy", query="?company={uscc}", on="2026-01-05"),
    post("/m/policies/{code}/outcome", "policy", query="?company={uscc}", state="granted", amount="8"),
    post("/m/policies/{code}/drop", "policy", query="?company={uscc}"),
    get("/m/products/{code}", "product"),
    get("/m/products/{code}", "product", query="?company={uscc}"),
    post("/m/products/{code}", "product", query="?company={uscc}", amount="10", term="12", purpose="other"),
    get("/m/equity"),
    get("/m/equity", query="?company={uscc}"),
    post("/m/equity", query="?company={uscc}", round="a", amount="500", industry="C"),
    post("/m/equity/{id}/withdraw", "equity"),
    post("/m/equity/{id}/close", "equity"),
    get("/m/authorizations/new", query="?kind=linkage&company={uscc}"),
    get("/m/data"),
    post("/m/data", form="json"),
    get("/m/data/delete"),
    post("/m/data/delete"),
    get("/m/data/deleted"),
    get("/m/go/{token}"),
    get("/m/login/back"),
]
