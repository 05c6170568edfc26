"""People and companies behind the pages, made by the use cases that everybody goes through."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain import institutions
from domain.authorizations import giving, wording
from domain.authorizations.consents import Consent
from domain.authorizations.gate import authorized as authorized_gate
from domain.authorizations.giving import Act
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose
from domain.authorizations.readers import Reader
from domain.authorizations.rules import Rules as ConsentRules
from domain.authorizations.tables import AuthorizationRow
from domain.base import new_id, utcnow
from domain.credit import batches, objections, reading
from domain.credit.batches import Batch
from domain.credit.registry import Indicator, Kind, Period
from domain.identity import verifications
from domain.identity.tables import State
from domain.identity.verifications import Ending, Person
from domain.institutions import Institution
from domain.registrations import deciding, submitting
from domain.registrations import reading as registrations
from domain.registrations.deciding import Office
from domain.registrations.form import Form
from domain.registrations.rules import REVIEWS
from domain.registrations.tables import RegistrationRow
from domain.scores.run import Scoring
from tests.bot.web.pages import market, support
from tests.bot.web.pages.world import World

CONSENTS = ConsentRules()
OF_MARKET = "流水不足半年", "大客户的货款收不回来", "请把未收回的货款单据备好"
BANK = "苏州银行"
JINGGONG, SICHOU = "91320583MA1X7T8U2K", "91320508MA1Y3K4L5M"
NAMES = {JINGGONG: "昆山精工机械有限公司", SICHOU: "姑苏锦绣丝绸有限公司"}
OFFICE = Office("审核员", None)
PERSON = Person("安小燕", "11010519491231002X")


async def applied(
    world: World, openid: str, uscc: str = JINGGONG, role: str = "legal_representative"
) -> RegistrationRow:
    """A registration just submitted."""
    form = Form.model_validate(
        {
            "uscc": uscc,
            "name": NAMES[uscc],
            "kind": "high_tech",
            "region": "320583",
            "industry": "C",
            "role": role,
            "contact": "安小燕",
            "phone": "13812345678",
            "uscc_confirmed": True,
        }
    )
    async with world.database.unit_of_work() as session:
        return await submitting.submit(
            session,
            openid,
            form,
            rules=world.settings.registration_rules,
            cipher=world.cipher,
            now=utcnow(),
        )


async def reviewed(world: World, row: RegistrationRow) -> None:
    """All offices say yes; what is left is the owner's own step."""
    while row.state in REVIEWS:
        async with world.database.unit_of_work() as session:
            row = await deciding.approve(session, row.id, OFFICE, seen=row.version, now=utcnow())


async def given_back(world: World, row: RegistrationRow, reason: str) -> None:
    async with world.database.unit_of_work() as session:
        await deciding.give_back(session, row.id, OFFICE, seen=row.version, reason=reason, now=utcnow())


async def verified(world: World, openid: str) -> None:
    now = utcnow()
    async with world.database.unit_of_work() as session:
        row = await verifications.begin(
            session,
            openid,
            PERSON,
            provider="sandbox",
            consent=None,
            expires_at=now + timedelta(hours=1),
            tries_per_day=5,
            now=now,
            cipher=world.cipher,
        )
        await verifications.finish(session, row.id, Ending(State.PASSED), now, cipher=world.cipher)


async def authorized(world: World, openid: str, consent: Consent) -> AuthorizationRow:
    text = wording.shown(consent, CONSENTS, company=NAMES[consent.uscc] if consent.uscc else "")
    act = Act(openid, new_id("TK"), text.version, text.hash, "127.0.0.1", "test")
    async with world.database.unit_of_work() as session:
        return await giving.give(session, consent, act, rules=CONSENTS, now=utcnow())


async def owner(world: World, openid: str, uscc: str = JINGGONG) -> AuthorizationRow:
    """Registered, verified, with the consent to use credit data."""
    await reviewed(world, await applied(world, openid, uscc))
    await verified(world, openid)
    async with world.database.unit_of_work() as session:
        await submitting.activate(session, openid, uscc, utcnow())
    return await authorized(world, openid, Consent.credit_data(uscc, CONSENTS))


async def bank(world: World, name: str = BANK) -> None:
    async with world.database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name)], utcnow())


async def passed_on(world: World, openid: str, uscc: str = JINGGONG) -> AuthorizationRow:
    await bank(world)
    return await authorized(world, openid, Consent.passing_on(uscc, BANK, CONSENTS))


async def known(world: World, uscc: str = JINGGONG) -> None:
    """Credit data of all categories, and scores of two days."""
    now = utcnow()
    for months in (4, 0):
        at = now - timedelta(days=30 * months)
        items = [
            {
                "uscc": uscc,
                "indicator": indicator.code,
                "as_of": _day(indicator, at.date()).isoformat(),
                "value": _value(indicator, months),
            }
            for indicator in world.scorer.registry.values()
        ]
        batch = Batch(batch_id=f"B{months}", source="市大数据局", items=items)
        await batches.take(world.database, world.scorer.registry, batch, sender="test", now=at)
        await Scoring(world.database, world.scorer, clock=lambda at=at: at).these([uscc])


def _day(indicator: Indicator, today: date) -> date:
    """A day within a period that is over."""
    days = {Period.NONE: 2, Period.MONTH: 40, Period.QUARTER: 100, Period.YEAR: 370}
    return today - timedelta(days=days[indicator.periodic])


def _value(indicator: Indicator, months: int) -> object:
    good = {
        Kind.DATE: "2016-05-08",
        Kind.TEXT: "安小燕",
        Kind.FLAG: "否" if indicator.negative else "是",
        Kind.RATIO: "0.4",
        Kind.AMOUNT: 0 if indicator.negative else 6_000_000 - 500_000 * months,
        Kind.NUMBER: 0 if indicator.negative else 12 - months,
        Kind.COUNT: 0 if indicator.negative else 12 - months,
    }
    return indicator.choices[0] if indicator.choices else good[indicator.type]


@dataclass(frozen=True)
class Everything:
    """What a person has who did everything, by id; `marks` are texts that nobody else may see."""

    uscc: str
    bank: str
    registration: str
    returned: str
    uscc_returned: str
    joining: str
    joining_version: int
    verification: str
    authorization: str
    face: str
    objection: str
    value: int
    request: str
    case: str
    rural: str
    policy: str
    product: str
    equity: str
    marks: tuple[str, ...]


async def everything(world: World, openid: str) -> Everything:
    """All of it at once; a colleague of his asks to join."""
    consent = await owner(world, openid)
    await passed_on(world, openid)
    await known(world)
    face = await authorized(world, openid, Consent.face("沙箱的模拟认证服务", CONSENTS))
    colleague = await applied(world, world.phone("同事").openid, role="agent")
    other = await applied(world, openid, SICHOU)
    await given_back(world, other, "名称与营业执照不符")
    access = authorized_gate(world.database, Reader.owner(openid), JINGGONG, ALL_CATEGORIES, DataPurpose.OWN)
    async with access as allowed:
        values = {
            item.indicator.code: item.id for item in await reading.latest(allowed, world.scorer.registry)
        }
    async with world.database.unit_of_work() as session:
        objection = await objections.raise_objection(
            session, openid, JINGGONG, values["registered_capital"], "注册资本不对", now=utcnow()
        )
    request = await market.published(world, openid, JINGGONG)
    await market.followed(world, request.id, BANK, market.RURAL, market.MERCHANTS, market.LATE)
    await market.approved(world, request.id, BANK)
    await market.rejected(world, request.id, market.RURAL, "流水不足半年")
    case = await market.in_difficulty(world, openid, JINGGONG)
    await support.catalogue(world)
    claim = await support.claimed(world, openid, JINGGONG)
    equity = await support.raised(world, openid, JINGGONG)
    async with world.database.reading() as session:
        registration = (await registrations.all_of(session, openid))[-1]
        verification = await verifications.latest_of(session, openid)
    assert verification is not None
    return Everything(
        uscc=JINGGONG,
        bank=BANK,
        registration=registration.id,
        returned=other.id,
        uscc_returned=SICHOU,
        joining=colleague.id,
        joining_version=colleague.version,
        verification=verification.id,
        authorization=consent.id,
        face=face.id,
        objection=objection.id,
        value=values["paid_in_capital"],
        request=request.id,
        case=case.id,
        rural=market.RURAL,
        policy=claim.policy,
        product=support.PRODUCT.code,
        equity=equity.id,
        marks=(
            *NAMES.values(),
            JINGGONG,
            SICHOU,
            "注册资本不对",
            "名称与营业执照不符",
            "13812345678",
            *OF_MARKET,
            support.WORDS,
            support.REFUSED,
        ),
    )
