"""All that is held about a person, handed out to him (个人信息保护法, articles 45 and 48)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations.gate import Access, NotAuthorized, Reader, authorized_within
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose
from domain.personal_data.holding import Holding
from domain.personal_data.registry import HOLDINGS
from domain.personal_data.showing import plain, shown
from domain.personal_data.subject import Subject, subject_of
from domain.secrets import Cipher

Part = dict[str, Any]
_UNTIL_DELETED = "不再需要或您要求删除时"
_ABOUT = (
    "这里是平台保存的、与您本人和您所代表企业有关的全部信息。"
    "证件号码和电话只显示首尾几位；授权他人查询的记录在“信用信息查询记录”中。"
)


async def export(session: AsyncSession, openid: str, cipher: Cipher, now: datetime) -> dict[str, Any]:
    """JSON under Chinese headings.

    Writes: an owner's look at his company's credit data is recorded like everybody's. Of companies whose
    credit data he may not see (he is not verified) it says why they are missing.
    """
    subject = await subject_of(session, openid, now)
    open_to_all = [holding for holding in HOLDINGS if not holding.gated]
    parts = {holding.title: await _part(session, holding, subject, cipher) for holding in open_to_all}
    refusals = []
    for uscc in subject.usccs:
        try:
            for title, part in (await _credit_data(session, subject, uscc, cipher)).items():
                parts.setdefault(title, part | {"记录": []})["记录"] += part["记录"]
        except NotAuthorized as refusal:
            refusals.append({"统一社会信用代码": uscc, "没有导出信用信息的原因": refusal.sentence})
    return {
        "说明": _ABOUT,
        "导出时间": plain(now),
        "内容": {title: part for title, part in parts.items() if part["记录"]},
        **({"未导出": refusals} if refusals else {}),
    }


async def _credit_data(session: AsyncSession, subject: Subject, uscc: str, cipher: Cipher) -> dict[str, Part]:
    """Raises NotAuthorized where he may not see it."""
    reader = Reader.owner(subject.openid)
    own = authorized_within(session, reader, uscc, ALL_CATEGORIES, DataPurpose.OWN, now=subject.now)
    async with own as access:
        return await _gated_parts(access, cipher, subject.now)


async def _gated_parts(access: Access, cipher: Cipher, now: datetime) -> dict[str, Part]:
    subject = Subject(access.reader.actor, access.usccs, (), asked_at=now, now=now)
    gated = [holding for holding in HOLDINGS if holding.gated]
    return {holding.title: await _part(access.session, holding, subject, cipher) for holding in gated}


async def _part(session: AsyncSession, holding: Holding, subject: Subject, cipher: Cipher) -> Part:
    columns = [holding.of.c[name] for name in holding.shown]
    query = select(*columns).where(holding.found(holding.of, subject)).order_by(*holding.of.primary_key)
    rows = (await session.execute(query)).mappings().all()
    kept = holding.kept
    return {
        "保存期限": kept.until if kept else _UNTIL_DELETED,
        "记录": [shown(holding, row, cipher) for row in rows],
    }
