"""What every answer under /m says to the browser."""

from aiohttp import web

from bot.web.pages.parts import SITE

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
_A_YEAR = "public, max-age=31536000, immutable"


async def add(request: web.Request, answer: web.StreamResponse) -> None:
    # The innermost application: by now `request.app` is the one that it is mounted in.
    framed = request.match_info.apps[-1][SITE].framed
    answer.headers.update(_HEADERS)
    answer.headers["Content-Security-Policy"] = _POLICY + ("'self'" if framed else "'none'")
    if not framed:
        answer.headers["X-Frame-Options"] = "DENY"
    is_file = "/static/" in request.path and answer.status == web.HTTPOk.status_code
    answer.headers["Cache-Control"] = _A_YEAR if is_file else "no-store"
