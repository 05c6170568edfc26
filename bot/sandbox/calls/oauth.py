"""Pages that ask who opens them: codes, page tokens, and the profile behind them."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from yarl import URL

from bot.sandbox.account import SandboxAccount
from bot.sandbox.calls.base import FINE, Answer, Payload, Work
from bot.sandbox.errors import ApiError, SandboxError
from bot.sandbox.people import Person
from bot.sandbox.rules import Rule, RuleBook

CODE_LASTS = 300.0
TOKEN_LASTS = 7200.0
REFRESH_LASTS = 30 * 86_400.0
_ORDER = ["appid", "redirect_uri", "response_type", "scope", "state"]
_SCOPES = {"snsapi_base", "snsapi_userinfo"}
_STATE_BYTES = 128
AUTHORIZE = "connect/oauth2/authorize"


@dataclass
class _Code:
    person: Person
    scope: str
    expires: float
    used: bool = False


@dataclass(frozen=True)
class _Grant:
    openid: str
    nickname: str
    scope: str
    expires: float


@dataclass(frozen=True)
class Request:
    """What a page wants, as its link to WeChat says."""

    redirect_uri: str
    scope: str
    state: str


class OAuthDesk:
    def __init__(self, account: SandboxAccount, clock: Callable[[], float], rules: RuleBook) -> None:
        self.domains: set[str] = set()
        """Hosts entered in the console as those of the account's pages; empty: any."""
        self._account = account
        self._clock = clock
        self._rules = rules
        self._codes: dict[str, _Code] = {}
        self._tokens: dict[str, _Grant] = {}
        self._refreshers: dict[str, _Grant] = {}

    def calls(self) -> dict[str, Work]:
        """Without the account's access token: these are called with the secret or the page's own token."""
        return {
            "sns/oauth2/access_token": self._exchange,
            "sns/oauth2/refresh_token": self._refresh,
            "sns/userinfo": self._profile,
            "sns/auth": self._check,
        }

    def read_link(self, query_string: str) -> Request:
        """The link that a page sent the person to; raises `SandboxError` with what WeChat shows instead."""
        pairs = parse_qsl(query_string, keep_blank_values=True)
        fields = dict(pairs)
        names = [name for name, _ in pairs if name in _ORDER]
        fault = self._fault_of(fields)
        if not fault and names != [name for name in _ORDER if name in fields]:
            fault = f"参数的顺序应是 {'、'.join(_ORDER)}"
        if fault:
            self._rules.broken(Rule.OAUTH, AUTHORIZE, fault)
            raise SandboxError(f"该链接无法访问：{fault}")
        return Request(fields["redirect_uri"], fields["scope"], fields.get("state", ""))

    def _fault_of(self, fields: Mapping[str, str]) -> str:
        """The first thing wrong with them; empty: nothing."""
        address = URL(fields.get("redirect_uri", ""))
        wrong = {
            "appid 不是本公众号的": fields.get("appid") != self._account.app_id,
            "response_type 应是 code": fields.get("response_type") != "code",
            "scope 应是 snsapi_base 或 snsapi_userinfo": fields.get("scope") not in _SCOPES,
            "redirect_uri 不是网址": address.scheme not in {"http", "https"} or not address.host,
            "redirect_uri 的域名不是后台填写的网页授权域名": bool(self.domains)
            and address.host not in self.domains,
            f"state 超过 {_STATE_BYTES} 字节": len(fields.get("state", "").encode()) > _STATE_BYTES,
        }
        return next((sentence for sentence, is_so in wrong.items() if is_so), "")

    def agree(self, person: Person, request: Request) -> URL:
        """Where the person's browser goes next: the page's address with a fresh code and its own state."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(person, request.scope, self._clock() + CODE_LASTS)
        return URL(request.redirect_uri).update_query(code=code, state=request.state)

    def _exchange(self, payload: Payload) -> Answer:
        self._check_secret(payload)
        if payload.get("grant_type") != "authorization_code":
            raise ApiError(40002, "invalid grant_type")
        code = self._codes.get(str(payload.get("code") or ""))
        if code is None:
            raise ApiError(40029, "invalid code")
        if code.used:
            raise ApiError(40163, "code been used")
        if code.expires <= self._clock():
            raise ApiError(42003, "code expired")
        code.used = True
        return self._granted(code)

    def _granted(self, code: _Code) -> Answer:
        person = code.person
        # A snapshot user is nobody that the account will ever meet again.
        openid = "o" + secrets.token_urlsafe(21)[:27] if person.snapshot else person.openid
        nickname = "微信用户" if person.snapshot else person.nickname
        grant = _Grant(openid, nickname, code.scope, self._clock() + TOKEN_LASTS)
        refresher = secrets.token_urlsafe(64)
        self._refreshers[refresher] = _Grant(openid, nickname, code.scope, self._clock() + REFRESH_LASTS)
        answer = self._issue(grant) | {"refresh_token": refresher}
        return answer | ({"is_snapshotuser": 1} if person.snapshot else {})

    def _issue(self, grant: _Grant) -> Answer:
        token = secrets.token_urlsafe(64)
        self._tokens[token] = grant
        return {
            "access_token": token,
            "expires_in": int(TOKEN_LASTS),
            "openid": grant.openid,
            "scope": grant.scope,
        }

    def _refresh(self, payload: Payload) -> Answer:
        if payload.get("appid") != self._account.app_id:
            raise ApiError(40013, "invalid appid")
        key = str(payload.get("refresh_token") or "")
        grant = self._refreshers.get(key)
        if grant is None:
            raise ApiError(40030, "invalid refresh_token")
        if grant.expires <= self._clock():
            raise ApiError(42002, "refresh_token expired")
        fresh = _Grant(grant.openid, grant.nickname, grant.scope, self._clock() + TOKEN_LASTS)
        return self._issue(fresh) | {"refresh_token": key}

    def _profile(self, payload: Payload) -> Answer:
        grant = self._of_token(payload)
        if grant.scope != "snsapi_userinfo":
            raise ApiError(48001, "api unauthorized")
        names = ("province", "city", "country", "headimgurl")
        return {
            "openid": grant.openid,
            "nickname": grant.nickname,
            "sex": 0,
            "privilege": [],
        } | dict.fromkeys(names, "")

    def _check(self, payload: Payload) -> Answer:
        self._of_token(payload)
        return FINE

    def _of_token(self, payload: Payload) -> _Grant:
        grant = self._tokens.get(str(payload.get("access_token") or ""))
        if grant is None:
            self._rules.broken(Rule.OAUTH, "sns", "这不是网页授权换来的令牌，两种令牌不能混用")
            raise ApiError(40001, "invalid credential, access_token is invalid or not latest")
        if grant.expires <= self._clock():
            raise ApiError(42001, "access_token expired")
        if grant.openid != payload.get("openid"):
            raise ApiError(40003, "invalid openid")
        return grant

    def _check_secret(self, payload: Payload) -> None:
        if payload.get("appid") != self._account.app_id:
            raise ApiError(40013, "invalid appid")
        if not secrets.compare_digest(
            str(payload.get("secret") or "").encode(), self._account.app_secret.encode()
        ):
            raise ApiError(40125, "invalid appsecret")
