"""`Idempotency-Key`: a changing call that is sent again is answered as before, and changes nothing.

An answer is kept for a day. A call that was refused changed nothing: it may be sent again with its key.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import hdrs, web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER
from bot.web.keys import CIPHER, DATABASE
from bot.web.problems import Problem, bad_request
from domain import idempotency
from domain.base import utcnow
from domain.idempotency import KEY_CHARS, Answer, Key, KeyUsedOtherwise
from domain.secrets import Cipher

HEADER = "Idempotency-Key"
_REPLAYED = "Idempotent-Replayed"
_UNPROCESSABLE = 422

Change = Callable[[AsyncSession], Awaitable[Any]]


async def changed(request: web.Request, body: Any, change: Change, *, status: int = 200) -> web.Response:
    """Answer with what `change` returns as JSON, in one unit of work with what it changes.

    With a key that was used before for the same call and `body`, the answer of then; nothing is changed.
    """
    now, cipher = utcnow(), request.app[CIPHER]
    async with request.app[DATABASE].unit_of_work() as session:
        key = _key(request, body)
        before = await _before(session, key, now, cipher) if key else None
        answer = before or Answer(status, json.dumps(await change(session), ensure_ascii=False))
        if key and before is None:
            idempotency.answered(session, key, answer, now, cipher=cipher)
    headers = {hdrs.CACHE_CONTROL: "no-store"} | ({_REPLAYED: "true"} if before else {})
    return web.Response(
        text=answer.body, status=answer.status, content_type="application/json", headers=headers
    )


async def _before(session: AsyncSession, key: Key, now: datetime, cipher: Cipher) -> Answer | None:
    try:
        return await idempotency.begun(session, key, now, cipher=cipher)
    except KeyUsedOtherwise as error:
        raise Problem(_UNPROCESSABLE, "Unprocessable Content", error.sentence) from error


def _key(request: web.Request, body: Any) -> Key | None:
    """The client's key with what it stands for; None without the header."""
    said = request.headers.get(HEADER)
    if said is None:
        return None
    if not (said.isascii() and said.isprintable() and 1 <= len(said) <= KEY_CHARS):
        raise bad_request(f"{HEADER} 应为 1 到 {KEY_CHARS} 个可见的 ASCII 字符", field=HEADER)
    canonical = json.dumps(body, sort_keys=True)
    fingerprint = idempotency.fingerprint(request.method, request.path, canonical)
    return Key(request[CALLER].client, said, fingerprint)
