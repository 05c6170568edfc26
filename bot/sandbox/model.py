"""What WeChat keeps of one service account, noun by noun, and the way to the account's callback."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.sandbox.account import SandboxAccount
from bot.sandbox.calls.agents import AgentDesk
from bot.sandbox.calls.articles import ArticleDesk
from bot.sandbox.calls.base import Upload, Work
from bot.sandbox.calls.codes import CodeDesk
from bot.sandbox.calls.custom_messages import CustomDesk
from bot.sandbox.calls.limits import LimitDesk
from bot.sandbox.calls.mass import MassDesk
from bot.sandbox.calls.media import MediaDesk
from bot.sandbox.calls.menus import MenuDesk
from bot.sandbox.calls.oauth import OAuthDesk
from bot.sandbox.calls.subscriptions import SubscriptionDesk
from bot.sandbox.calls.tags import TagDesk
from bot.sandbox.calls.templates import TemplateDesk
from bot.sandbox.calls.tickets import TicketDesk
from bot.sandbox.calls.tokens import TokenDesk
from bot.sandbox.calls.users import UserDesk
from bot.sandbox.delivery import Courier
from bot.sandbox.envelope import Encryption
from bot.sandbox.faults import Faults
from bot.sandbox.hub import Hub
from bot.sandbox.later import Later
from bot.sandbox.people import ChatEntry, Content, Origin, People, Person, Sender
from bot.sandbox.pushes import Pushes
from bot.sandbox.rules import RuleBook, Violation
from bot.sandbox.template_messages import MessageTemplate

DEFAULT_MENU: dict[str, Any] = json.loads(Path(__file__).with_name("menu.json").read_text("utf-8"))
MANAGER = "oAccountManager"
"""In whose name WeChat reports mass sends and publications: the account's own operator."""


class Platform:
    """Keeps everything in memory; `close` it, or use it as an async context."""

    def __init__(
        self,
        account: SandboxAccount,
        callback_url: str,
        *,
        name: str = "示例服务号",
        templates: Iterable[MessageTemplate] = (),
        menu: Mapping[str, Any] | None = None,
        mode: Encryption = Encryption.SAFE,
        answer_within: float = 5.0,
        retries: int = 3,
        receipt_delay: float = 1.0,
        clock: Callable[[], float] = time.time,
        signing_clock: Callable[[], float] = time.time,
    ) -> None:
        """`menu` is shown until the product makes its own; `receipt_delay` is in seconds.

        `clock` rules windows, expiries and CreateTime; `signing_clock` the timestamps in callback URLs.
        They are two so that a test can move days ahead without its callbacks looking like replays.
        """
        self.account = account
        self.name = name
        self.clock = clock
        self.hub = Hub()
        self.people = People(clock, self.hub.tell)
        self.rules = RuleBook(clock, self.hub.tell)
        self.faults = Faults()
        self.later = Later()
        self.pictures: dict[str, Upload] = {}
        """Sent by people from the page, by the name in their address."""
        self._courier = Courier(answer_within, retries)
        self.pushes = Pushes(
            account,
            callback_url,
            mode,
            self._courier,
            self.people,
            self.rules,
            self.faults,
            clock,
            signing_clock,
        )
        self._open_desks(list(templates), dict(menu or DEFAULT_MENU), receipt_delay)
        self.pushes.transfer = self.agents.transfer

    def _open_desks(self, templates: list[MessageTemplate], menu: dict[str, Any], delay: float) -> None:
        account, people, pushes, later, clock = self.account, self.people, self.pushes, self.later, self.clock
        self.tokens = TokenDesk(account, clock, self.rules)
        self.limits = LimitDesk(account, clock)
        self.media = MediaDesk(clock)
        self.articles = ArticleDesk(self.media, pushes, later, clock, MANAGER, delay)
        self.templates = TemplateDesk(templates, people, pushes, later, self.faults, clock, delay)
        self.subscriptions = SubscriptionDesk(people, self.templates, pushes, later, delay)
        self.mass = MassDesk(people, self.media, self.articles, pushes, later, clock, MANAGER, delay)
        self.agents = AgentDesk(people, pushes, self.hub, later, self.rules, clock)
        self.custom = CustomDesk(people, self.hub, self.media, self.articles, clock, self.agents.exists)
        self.tags = TagDesk(people)
        self.users = UserDesk(people)
        self.codes = CodeDesk(clock, lambda: self.hub.tell("codes", None))
        self.menus = MenuDesk(people, menu, lambda: self.hub.tell("menu", None))
        self.tickets = TicketDesk(clock)
        self.oauth = OAuthDesk(account, clock, self.rules)

    def calls(self) -> dict[str, Work]:
        """Every call of the API by its path, without the leading slash."""
        desks = (
            self.tokens,
            self.limits,
            self.media,
            self.articles,
            self.templates,
            self.subscriptions,
            self.mass,
            self.agents,
            self.custom,
            self.tags,
            self.users,
            self.codes,
            self.menus,
            self.tickets,
            self.oauth,
        )
        return {path: work for desk in desks for path, work in desk.calls().items()}

    @property
    def callback_url(self) -> str:
        return self.pushes.callback_url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self.pushes.callback_url = url

    @property
    def menu(self) -> dict[str, Any] | None:
        """What the product has made by `menu/create`."""
        return self.menus.made

    @menu.setter
    def menu(self, made: dict[str, Any] | None) -> None:
        self.menus.made = made
        self.menus.changed()

    @property
    def violations(self) -> list[Violation]:
        return self.rules.found

    def show(self, person: Person, origin: Origin, content: Content) -> ChatEntry:
        return self.people.add_entry(person, Sender.ACCOUNT, origin, content)

    async def settle(self) -> None:
        """Wait until every receipt and report under way has been delivered."""
        await self.later.settle()

    async def close(self) -> None:
        self.hub.close()
        await self.later.close()
        await self._courier.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
