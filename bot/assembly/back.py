"""The worker role: loops from the outbox to WeChat, for what waits for its time, and for what is over."""

from contextlib import AsyncExitStack
from functools import partial

from bot.assembly import platform
from bot.assembly.ground import Ground
from bot.config import ConfigError, Settings
from bot.housekeeping import Housekeeping, rules
from bot.messenger import WeChatMessenger
from bot.worker import Loop
from domain import admission
from domain.authorizations.reminding import Reminders
from domain.scores.run import Scoring
from domain.scores.ticking import Ticks
from notify import registry
from notify.relay import Relay
from notify.sender import Sender

# A portion is read and scored in the event loop: some fifty milliseconds.
_SCORED_AT_ONCE = 200


async def loops(ground: Ground, stack: AsyncExitStack) -> list[Loop]:
    """Raises ConfigError where a template asks for a value that its notice does not carry."""
    settings, database = ground.settings, ground.database
    relay = Relay(
        database,
        _templates(settings),
        public_url=settings.server.address,
        quiet_hours=settings.notify.quiet_hours,
    )
    wechat = await stack.enter_async_context(platform.client(settings, ground.account, ground.redis))
    sender = Loop("sender", Sender(database, WeChatMessenger(wechat)).run_once)

    async def relay_and_send() -> int:
        handled = await relay.run_once()
        if handled:
            sender.nudge()
        return handled

    return [
        Loop("relay", relay_and_send),
        sender,
        Loop("identity", ground.checking.run_once),
        Loop("admission", partial(admission.publish_admitted, database)),
        Loop("scores", Ticks(Scoring(database, ground.scorer, portion=_SCORED_AT_ONCE)).run_once),
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
