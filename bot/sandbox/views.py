"""How the sandbox's records look as JSON, for pages and terminals."""

from dataclasses import asdict
from typing import Any

from bot.sandbox.people import ChatEntry, Person
from bot.sandbox.rules import Violation
from bot.sandbox.template_messages import TemplateKind
from bot.sandbox.wechat import FakeWeChat


def state(fake: FakeWeChat) -> dict[str, Any]:
    return {
        "name": fake.name,
        "menu": fake.menus.made or fake.menus.fallback,
        "people": [person_json(person) for person in fake.people],
        "violations": [violation_json(violation) for violation in fake.violations],
        "faults": fake.faults.switches(),
        "codes": [code.scene for code in fake.codes.usable()],
        "subscriptions": [
            {"id": template.template_id, "title": template.title}
            for template in fake.templates.of_kind(TemplateKind.SUBSCRIPTION)
        ],
        "frozen": fake.tokens.frozen,
    }


def person_json(person: Person) -> dict[str, Any]:
    names = ("openid", "nickname", "followed", "refuses", "snapshot")
    return {name: getattr(person, name) for name in names}


def phone(fake: FakeWeChat, openid: str) -> dict[str, Any]:
    """What a person's phone shows around the chat: menu, the human agent they talk to, quota."""
    person = fake.person(openid)
    agent = fake.agents.agent_of(person)
    return {
        "menu": fake.menus.of(person),
        "agent": asdict(agent) if agent else None,
        "agents": [asdict(each) for each in fake.agents.agents.values()],
        "quota": quota_json(fake, person),
    }


def quota_json(fake: FakeWeChat, person: Person) -> dict[str, Any]:
    """How many customer messages the product may send now, and for how many seconds more."""
    quota = person.quota
    if quota.trigger is None:
        return {"left": 0, "seconds": 0}
    seconds = max(0, int(quota.since + quota.trigger.window - fake.clock()))
    return {"left": quota.trigger.count - quota.used if seconds else 0, "seconds": seconds}


def violation_json(violation: Violation) -> dict[str, Any]:
    return {
        "rule": violation.rule.name,
        "sentence": violation.rule.value,
        "where": violation.where,
        "detail": violation.detail,
        "at": violation.at,
    }


def news_json(fake: FakeWeChat, name: str, record: Any) -> dict[str, Any]:
    """An event of the hub as pages get it."""
    if isinstance(record, ChatEntry):
        return asdict(record)
    if name == "typing":
        seconds = max(0.0, record.quota.typing_until - fake.clock())
        return {"openid": record.openid, "seconds": seconds}
    if isinstance(record, Person):
        return person_json(record)
    return violation_json(record) if isinstance(record, Violation) else {}
