"""All routes of the pages, with what fills their blanks: a new one fails a test until it is listed here."""

from dataclasses import dataclass

from tests.bot.web.pages.town import Everything


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
            path = path.replace("{id}", str(values[blank]), 1)
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
    get("/m/data"),
    post("/m/data", form="json"),
    get("/m/data/delete"),
    post("/m/data/delete"),
    get("/m/data/deleted"),
    get("/m/go/{token}"),
    get("/m/login/back"),
]
