"""Human agents: their accounts, who waits for one, and who talks to whom."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, person_of, text
from bot.sandbox.errors import ApiError, SandboxError
from bot.sandbox.hub import Hub
from bot.sandbox.later import Later
from bot.sandbox.people import Content, Kind, Origin, People, Person, Sender
from bot.sandbox.pushes import Pushes
from bot.sandbox.rules import Rule, RuleBook

SESSION_LASTS = 30 * 60.0
"""Seconds without a word after which the person is back with the account."""
_MOST = 100
_NICKNAME_CHARS = 16
_ACCOUNT, _SESSION = "customservice/kfaccount/", "customservice/kfsession/"


@dataclass
class Agent:
    account: str
    nickname: str
    wechat: str = ""
    """The personal account that was invited to answer in its name."""
    online: bool = True


@dataclass
class _Session:
    agent: Agent
    since: float
    last: float


class AgentDesk:
    """`online` of an agent is set by a test or on the page: WeChat has no call for it."""

    def __init__(
        self,
        people: People,
        pushes: Pushes,
        hub: Hub,
        later: Later,
        rules: RuleBook,
        clock: Callable[[], float],
    ) -> None:
        self.agents: dict[str, Agent] = {}
        self._people = people
        self._pushes = pushes
        self._hub = hub
        self._later = later
        self._rules = rules
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._waiting: dict[str, float] = {}

    def calls(self) -> dict[str, Work]:
        return {
            f"{_ACCOUNT}add": self._add,
            f"{_ACCOUNT}update": self._update,
            f"{_ACCOUNT}del": self._remove,
            f"{_ACCOUNT}inviteworker": self._invite,
            "cgi-bin/customservice/getkflist": self._list,
            "cgi-bin/customservice/getonlinekflist": self._list_online,
            f"{_SESSION}create": self._create,
            f"{_SESSION}close": self._close,
            f"{_SESSION}getsession": self._get_session,
            f"{_SESSION}getsessionlist": self._list_sessions,
            f"{_SESSION}getwaitcase": self._list_waiting,
        }

    def exists(self, account: str) -> bool:
        return account in self.agents

    def agent_of(self, person: Person) -> Agent | None:
        """Who talks to the person now: their messages go past the callback address."""
        session = self._sessions.get(person.openid)
        if session is not None and self._clock() - session.last > SESSION_LASTS:
            self._end(person, "TIMEOUT")
            return None
        return session.agent if session else None

    def heard(self, person: Person) -> None:
        """The person has said something within their session."""
        self._sessions[person.openid].last = self._clock()

    def transfer(self, person: Person, account: str) -> None:
        """A reply has handed the person over: to that agent, else to one who is free, else they wait."""
        if account and account not in self.agents:
            self._rules.broken(Rule.AGENT, "transfer_customer_service", f"没有客服 {account}")
        wanted = [self.agents[account]] if account in self.agents else list(self.agents.values())
        free = next((agent for agent in wanted if agent.online), None)
        if free is None:
            self._waiting.setdefault(person.openid, self._clock())
        else:
            self._begin(person, free)

    def say(self, person: Person, words: str) -> None:
        """The agent answers; raises `SandboxError` without a session."""
        if self.agent_of(person) is None:
            raise SandboxError("没有正在进行的客服会话")
        self._sessions[person.openid].last = self._clock()
        self._people.add_entry(person, Sender.ACCOUNT, Origin.AGENT, Content(Kind.TEXT, words))

    def end(self, person: Person) -> None:
        """The agent closes the talk; raises `SandboxError` without a session."""
        if self.agent_of(person) is None:
            raise SandboxError("没有正在进行的客服会话")
        self._end(person, "KF")

    def switch(self, person: Person, account: str) -> None:
        """The agent passes the person on to a colleague; raises `SandboxError` when that cannot be."""
        before = self.agent_of(person)
        if before is None or account not in self.agents:
            raise SandboxError("没有正在进行的会话，或没有这个客服")
        after = self.agents[account]
        self._sessions[person.openid].agent = after
        self._tell(person, "kf_switch_session", FromKfAccount=before.account, ToKfAccount=after.account)

    def _begin(self, person: Person, agent: Agent) -> None:
        self._waiting.pop(person.openid, None)
        self._sessions[person.openid] = _Session(agent, self._clock(), self._clock())
        self._note(person, f"客服{agent.nickname}为您服务")
        self._tell(person, "kf_create_session", KfAccount=agent.account)

    def _end(self, person: Person, way: str) -> None:
        session = self._sessions.pop(person.openid)
        self._note(person, "客服会话已结束")
        self._tell(person, "kf_close_session", KfAccount=session.agent.account, CloseType=way)

    def _note(self, person: Person, words: str) -> None:
        self._people.add_entry(person, Sender.SYSTEM, Origin.WECHAT, Content(Kind.NOTICE, words))
        self._hub.tell("person", person)

    def _tell(self, person: Person, name: str, **fields: str) -> None:
        self._later.after(0.0, lambda: self._pushes.unseen(person.openid, name, **fields))

    def _known(self, payload: Payload, name: str = "kf_account") -> Agent:
        agent = self.agents.get(text(payload, name, 65401))
        if agent is None:
            raise ApiError(65401, "invalid custom service account")
        return agent

    def _add(self, payload: Payload) -> Answer:
        account, nickname = text(payload, "kf_account", 65404), _nickname(payload)
        name, at, wechat_id = account.partition("@")
        if not (name and at and wechat_id):
            raise ApiError(65404, "invalid kf_account, must be x@wxid")
        if account in self.agents:
            raise ApiError(65406, "kf_account exists already")
        if len(self.agents) >= _MOST:
            raise ApiError(65405, "too many custom service accounts")
        self.agents[account] = Agent(account, nickname)
        return FINE

    def _update(self, payload: Payload) -> Answer:
        self._known(payload).nickname = _nickname(payload)
        return FINE

    def _remove(self, payload: Payload) -> Answer:
        del self.agents[self._known(payload).account]
        return FINE

    def _invite(self, payload: Payload) -> Answer:
        agent = self._known(payload)
        if agent.wechat:
            raise ApiError(65412, "kf_account is bound already")
        agent.wechat = text(payload, "invite_wx", 65409)
        return FINE

    def _list(self, _payload: Payload) -> Answer:
        listing = [
            {
                "kf_account": agent.account,
                "kf_nick": agent.nickname,
                "kf_id": str(1000 + place),
                "kf_wx": agent.wechat,
            }
            for place, agent in enumerate(self.agents.values(), 1)
        ]
        return {"kf_list": listing}

    def _list_online(self, _payload: Payload) -> Answer:
        online = [agent for agent in self.agents.values() if agent.online]
        talks = [session.agent.account for session in self._sessions.values()]
        listing = [
            {"kf_account": agent.account, "status": 1, "accepted_case": talks.count(agent.account)}
            for agent in online
        ]
        return {"kf_online_list": listing}

    def _create(self, payload: Payload) -> Answer:
        person, agent = person_of(self._people, payload, "openid"), self._known(payload)
        if not agent.online:
            raise ApiError(65415, "kf_account is not online")
        now = self.agent_of(person)
        if now is not None and now is not agent:
            raise ApiError(65414, "the user is served by another agent")
        if now is None:
            self._begin(person, agent)
        return FINE

    def _close(self, payload: Payload) -> Answer:
        person, agent = person_of(self._people, payload, "openid"), self._known(payload)
        if self.agent_of(person) is not agent:
            raise ApiError(65413, "no such session")
        self._end(person, "KF")
        return FINE

    def _get_session(self, payload: Payload) -> Answer:
        person = person_of(self._people, payload, "openid")
        if self.agent_of(person) is None:
            raise ApiError(65413, "no such session")
        session = self._sessions[person.openid]
        return FINE | {"kf_account": session.agent.account, "createtime": int(session.since)}

    def _list_sessions(self, payload: Payload) -> Answer:
        agent = self._known(payload)
        listing = [
            {"openid": openid, "createtime": int(session.since)}
            for openid, session in self._sessions.items()
            if session.agent is agent
        ]
        return {"sessionlist": listing}

    def _list_waiting(self, _payload: Payload) -> Answer:
        listing = [{"openid": openid, "latest_time": int(at)} for openid, at in self._waiting.items()]
        return {"count": len(listing), "waitcaselist": listing}


def _nickname(payload: Payload) -> str:
    nickname = text(payload, "nickname", 65403)
    if len(nickname) > _NICKNAME_CHARS:
        raise ApiError(65403, "invalid nickname: too long")
    return nickname
