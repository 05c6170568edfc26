"""People come and go: what is said to who follows the account, and what is forgotten of who leaves it."""

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


async def forget(session: AsyncSession, openid: str) -> None:
    """WeChat asks for the data of who unsubscribes to be deleted.

    Drafts were shown to nobody and go. What he published is with institutions and stays, as the
    record of a business under way; he can withdraw it, and have it deleted, by other means.
    """
    await requests.delete_drafts(session, openid)
