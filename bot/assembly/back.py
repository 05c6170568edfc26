"""The worker role: loops from the outbox to WeChat, for what waits for its time, and for what is over."""

from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

from bot.assembly import platform
from bot.assembly.ground import Ground
from bot.assembly.shelf import Shelf
from bot.config import ConfigError, Settings
from bot.housekeeping import Housekeeping, rules
from bot.messenger import WeChatMessenger
from bot.opening_up import OpeningUp
from bot.posting import webhook_poster
from bot.recommending import Recommending
from bot.worker import Loop
from domain import admission
from domain.authorizations.reminding import Reminders
from domain.claims.reminding import ClaimReminders
from domain.market.lapsing import Lapses
from domain.scores.run import Scoring
from domain.scores.ticking import Ticks
from notify import registry
from notify.relay import Relay
from notify.sender import Sender
from notify.webhooks.sending import WebhookSender

# A portion is read and scored in the event loop: some fifty milliseconds.
_SCORED_AT_ONCE = 200


async def loops(ground: Ground, shelf: Shelf, stack: AsyncExitStack) -> list[Loop]:
    """Raises ConfigError where a template asks for a value that its notice does not carry."""
    settings, database = ground.settings, ground.database
    relay = Relay(
        database,
        _templates(settings),
        public_url=settings.server.address,
        quiet_hours=settings.notify.quiet_hours,
        digest=timedelta(minutes=settings.notify.digest_minutes),
    )
    wechat = await stack.enter_async_context(platform.client(settings, ground.account, ground.redis))
    sender = Loop("sender", Sender(database, WeChatMessenger(wechat)).run_once)

    poster = await stack.enter_async_context(
        webhook_poster(settings.webhook_addresses, timeout_seconds=settings.webhooks.timeout_seconds)
    )
    webhooks = Loop("webhooks", WebhookSender(database, ground.cipher, poster).run_once)

    recommending = Recommending(database, shelf.matcher, shelf.feed, settings.review_rules)

    async def relay_and_send() -> int:
        handled = await relay.run_once()
        if handled:
            sender.nudge()
            webhooks.nudge()
        return handled

    return [
        Loop("relay", relay_and_send),
        sender,
        webhooks,
        Loop("identity", ground.checking.run_once),
        Loop("opening_up", OpeningUp(database, shelf.matcher).run_once),
        Loop("recommending", recommending.run_once),
        Loop("admission", partial(admission.publish_admitted, database)),
        Loop("scores", Ticks(Scoring(database, ground.scorer, portion=_SCORED_AT_ONCE)).run_once),
        Loop("market", Lapses(database, settings.market_rules).run_once),
        Loop("claims", ClaimReminders(database).run_once),
        Loop("reminders", Reminders(database, settings.authorization_rules, admission.ended).run_once),
        Loop("housekeeping", Housekeeping(database, rules(settings.retention)).run_once),
    ]


def _templates(settings: Settings) -> dict[str, tuple[str, dict[str, str]]]:
    """Id and fields of each notice's template."""
    templates = {
        notice: (template.id, dict(template.fields))
        for notice, template in settings.wechat.templates.by_notice().items()
    }
    if unknown := registry.unknown_values(templates):
        raise ConfigError(
            "\n".join(
                f"wechat.templates.{notice}.fields.{field}: the notice carries no such value"
                for notice, field in unknown
            )
        )
    return templates
