"""Errors of the API as RFC 9457 problem details."""

import json
from typing import Any

from aiohttp import web


class Problem(web.HTTPException):
    """Raised by a route; answered as `application/problem+json`."""

    def __init__(self, status: int, title: str, detail: str = "", **more: Any) -> None:
        self.status_code = status
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
        super().__init__(text=json.dumps(body, ensure_ascii=False), content_type="application/problem+json")
        self.set_status(status)


def bad_request(detail: str, **more: Any) -> Problem:
    return Problem(400, "Bad Request", detail, **more)


def not_found(detail: str) -> Problem:
    return Problem(404, "Not Found", detail)
