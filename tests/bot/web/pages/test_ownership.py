"""Nobody sees or changes what is another person's: all routes × all kinds of people."""

import pytest
from sqlalchemy import select

from bot.web.links import MOUNT
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.cases.tables import CaseRow
from domain.claims.tables import ClaimRow
from domain.companies import IMPORTED, CompanyMemberRow
from domain.credit.tables import CreditObjectionRow
from domain.equity.tables import EquityRequestRow
from domain.market.tables import FollowRow, RatingRow
from domain.registrations.tables import RegistrationRow
from domain.requests import RequestRow
from tests.bot.web.pages import town
from tests.bot.web.pages.routes import ROUTES, Route
from tests.bot.web.pages.world import Phone, World


def test_every_route_is_walked(world: World) -> None:
    listed = {(route.method, route.canonical) for route in ROUTES}
    there = set()
    for route in world.app.router.routes():
        assert route.resource is not None
        if route.method != "HEAD" and "static" not in route.resource.canonical:
            there.add((route.method, f"{MOUNT}{route.resource.canonical.removeprefix(MOUNT)}"))
    assert there == listed


async def state(world: World, mine: town.Everything) -> list[object]:
    """What strangers might have changed."""
    async with world.database.reading() as session:
        authorizations = await session.scalars(select(AuthorizationRow).order_by(AuthorizationRow.id))
        registrations = await session.scalars(
            select(RegistrationRow)
            .where(RegistrationRow.id.in_([mine.registration, mine.returned, mine.joining]))
            .order_by(RegistrationRow.id)
        )
        objections = await session.scalars(select(CreditObjectionRow))
        follows = await session.scalars(select(FollowRow).order_by(FollowRow.institution))
        cases = await session.scalars(select(CaseRow))
        ratings = await session.scalars(select(RatingRow))
        requests = await session.scalars(select(RequestRow).order_by(RequestRow.id))
        claims = await session.scalars(select(ClaimRow))
        equity = await session.scalars(select(EquityRequestRow))
        return [
            [(row.id, row.ended_at) for row in authorizations],
            [(row.id, row.status, row.version, row.name) for row in registrations],
            [(row.id, row.state, row.value_id) for row in objections],
            [(row.institution, row.state, row.version) for row in follows],
            [(row.id, row.state, row.version) for row in cases],
            [(row.institution, row.stars) for row in ratings],
            [(row.id, row.status) for row in requests],
            [(row.id, row.state, row.ticked, row.submitted_on) for row in claims],
            [(row.id, row.status) for row in equity],
        ]


async def stranger(_: World, phone: Phone) -> None:
    await phone.open("/m/")


async def verified_stranger(world: World, phone: Phone) -> None:
    await town.verified(world, phone.openid)
    await phone.open("/m/")


async def owner_of_another(world: World, phone: Phone) -> None:
    """With a company of his own, which is not the one that the addresses name."""
    form = {"uscc": "91320500MA1XHANG0X", "name": "别家纺织有限公司"}
    town.NAMES[form["uscc"]] = form["name"]
    await town.owner(world, phone.openid, form["uscc"])
    del town.NAMES[form["uscc"]]
    await phone.open("/m/")


async def meant(world: World, phone: Phone) -> None:
    """Verified, and named by an import as a member of the company; nobody ever looked whether he is."""
    await town.verified(world, phone.openid)
    async with world.database.unit_of_work() as session:
        session.add(
            CompanyMemberRow(
                openid=phone.openid, uscc=town.JINGGONG, role="agent", evidence=IMPORTED, since=utcnow()
            )
        )
    await phone.open("/m/")


async def logged_out(_: World, phone: Phone) -> None:
    del phone


@pytest.mark.parametrize(
    "become",
    [stranger, verified_stranger, owner_of_another, meant, logged_out],
    ids=lambda item: item.__name__,
)
async def test_no_route_shows_or_changes_what_is_another_person_s(world: World, become: object) -> None:
    assert callable(become)
    mine = await town.everything(world, world.phone("安女士").openid)
    other = world.phone("卜先生")
    await become(world, other)
    before = await state(world, mine)
    tokens = (await other.open("/m/data")).hidden if become is not logged_out else {}
    for route in ROUTES:
        await world.redis.delete(*[key async for key in world.redis.scan_iter("pages:rate:*")] or ["x"])
        # That an import names him there is on record about himself.
        told = {town.JINGGONG} if become is meant and str(route) == "POST /m/data" else set[str]()
        await walk(route, mine, other, tokens, told)
        assert await state(world, mine) == before, str(route)


async def walk(
    route: Route, mine: town.Everything, other: Phone, tokens: dict[str, str], told: set[str]
) -> None:
    path = route.path(mine)
    if route.method == "GET":
        answer = await other.get(path)
    else:
        tokens = tokens | {"ticket": f"ticket-{abs(hash(str(route)))}-0000000000"}
        answer = await other.post(path, tokens | route.form(mine))
    shown = answer.text
    for mark in mine.marks:
        # What he typed himself may be shown to him again.
        if mark not in {*route.form(mine).values(), *told}:
            assert mark not in shown, f"{route} shows {mark}"
    assert answer.status < 500, str(route)


@pytest.mark.parametrize("text", ["%00", "RQ%00"])
async def test_an_address_that_no_database_keeps_is_no_page(world: World, text: str) -> None:
    phone = world.phone("安女士")
    await phone.open("/m/")
    for path in (f"/m/requests/{text}", f"/m/cases/{text}", f"/m/policies/{text}"):
        answer = await phone.open(path)
        assert answer.status == 404, path


async def test_a_member_sees_what_the_owner_sees_and_decides_nothing_for_him(world: World) -> None:
    """A colleague acts for the company too, but who joins is the head's to say."""
    ann = world.phone("安女士")
    mine = await town.everything(world, ann.openid)
    await ann.open("/m/")
    answer = await ann.send(
        f"/m/joining/{mine.joining}", {"answer": "yes", "seen": str(mine.joining_version)}, at="/m/data"
    )
    assert "已经同意" in answer.text
    colleague = next(phone for phone in world.phones if phone.openid != ann.openid)
    await town.verified(world, colleague.openid)
    assert "苏州银行" in (await colleague.open("/m/authorizations")).text
    assert "700" in (await colleague.open("/m/credit")).text
    # What she agreed to for herself, and her registrations, stay hers.
    for path in (f"/m/authorizations/{mine.face}", f"/m/registrations/{mine.registration}"):
        assert (await colleague.open(path)).status == 404
    third = await town.applied(world, world.phone("第三人").openid)
    refused = await colleague.send(
        f"/m/joining/{third.id}", {"answer": "yes", "seen": str(third.version)}, at="/m/data"
    )
    assert refused.status == 404
    assert "等您同意" not in (await colleague.open("/m/register")).text


async def test_the_owner_himself_gets_all_of_it(world: World) -> None:
    """Or the walk above would prove nothing."""
    ann = world.phone("安女士")
    mine = await town.everything(world, ann.openid)
    await ann.open("/m/")
    open_pages = [route for route in ROUTES if route.method == "GET" and "{token}" not in route.canonical]
    seen = "".join(
        [(await ann.open(route.path(mine))).text for route in open_pages if route.blanks or route.query]
    )
    assert [mark for mark in mine.marks if mark not in seen] == []
