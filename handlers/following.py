"""What is said to who follows the account."""

from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from handlers.small_talk import WELCOME


async def welcome(session: AsyncSession, openid: str) -> str:
    """The greeting; who comes back hears that his requests went on without him."""
    under_way = await requests.open_requests(session, openid)
    if not under_way:
        return WELCOME
    known = "、".join(f"{request.id}（{request.state.label}）" for request in under_way)
    return f"欢迎回来！您的融资需求 {known} 一直在办，有新进展会在微信里告诉您；回复「查进度」看详情。"
