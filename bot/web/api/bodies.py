"""Reading JSON bodies: whatever is wrong is named."""

import asyncio
import json
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.web.problems import bad_request
from domain.importing import rejections

Model = TypeVar("Model", bound=BaseModel)

# About a millisecond's work. What is larger is read in a thread, so that callbacks go on meanwhile.
_READ_IN_PLACE_BYTES = 100_000


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; a Problem (400) if it is none."""
    try:
        body = await _read(await request.read() or b"null")
    except (ValueError, RecursionError) as error:
        raise bad_request("请求体不是有效的 JSON") from error
    if not isinstance(body, dict):
        raise bad_request("请求体应为 JSON 对象")
    return body


async def _read(content: bytes) -> Any:
    if len(content) <= _READ_IN_PLACE_BYTES:
        return json.loads(content)
    return await asyncio.to_thread(json.loads, content, object_hook=_let_others_run)


def _let_others_run(found: dict[str, Any]) -> dict[str, Any]:
    """The object as it is. The decoder is in C: it keeps every thread waiting until it calls into Python."""
    return found


def validated(model: type[Model], data: object, where: str) -> Model:
    """The data in their format; a Problem (400) naming every field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = [
            {"field": f"{where}.{item.field}".strip("."), "reason": item.reason}
            for item in rejections(0, error)
        ]
        raise bad_request(
            "；".join(f"{item['field']}：{item['reason']}" for item in errors), errors=errors
        ) from error
