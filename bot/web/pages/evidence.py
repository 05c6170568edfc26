"""The act of agreeing, as a page witnesses it."""

from aiohttp import web

from bot.web.pages.forms import Form, whole_number
from bot.web.pages.parts import address_of, visit_of
from domain.authorizations.giving import Act


def act(request: web.Request, form: Form) -> Act:
    """By whom, from where, to which text: the form carries version and hash of what was shown."""
    return Act(
        visit_of(request).openid,
        form.text("ticket"),
        whole_number(form.text("text_version")),
        form.text("text_hash"),
        ip=address_of(request) or None,
        user_agent=request.headers.get("User-Agent"),
    )
