"""The kinds of `ApiError`, each with its ``remedy``: what an engineer or operator should do about it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.wechat.errors import NOTHING, ApiError

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_QUOTA_LOOK_AGAIN_S = 3600


class TryLater(ApiError):
    """The same call can succeed later; ``until`` is when the platform takes it again, as far as is known."""

    retryable = True
    wait_s = 1
    remedy = "Repeat the call after a pause."

    def __init__(self, errcode: int, errmsg: str, path: str, answer: Mapping[str, Any] = NOTHING) -> None:
        super().__init__(errcode, errmsg, path, answer)
        self.until = datetime.now(UTC) + timedelta(seconds=self.wait_s)


class TokenInvalid(TryLater):
    wait_s = 30
    remedy = "Renewed and repeated once already: look for another program that forces tokens of this account."


class Busy(TryLater):
    remedy = "Repeated twice with growing pauses already; repeat later."


class RateLimited(TryLater):
    wait_s = 60
    remedy = "Too many calls in this minute: wait until the next one and lower the pace."


class QuotaExhausted(TryLater):
    """The day's calls are used up; ``until`` is midnight in Beijing, when the count starts anew.

    ``wait_s`` is shorter: an operator may clear the count before.
    """

    remedy = (
        "The day's calls are used up: wait for midnight in Beijing, or clear the count (10 times a month)."
    )

    def __init__(self, errcode: int, errmsg: str, path: str, answer: Mapping[str, Any] = NOTHING) -> None:
        super().__init__(errcode, errmsg, path, answer)
        now = datetime.now(_SHANGHAI)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.until = midnight.astimezone(UTC)
        self.wait_s = min(_QUOTA_LOOK_AGAIN_S, int((midnight - now).total_seconds()) + 1)


class ConcurrentSend(TryLater):
    remedy = "Another message to this person was being sent at that moment: repeat."


class MassTooFast(TryLater):
    wait_s = 60
    remedy = "At most 60 mass sends a minute, and one clientmsgid once a minute: wait a minute."


class AccountMisconfigured(ApiError):
    """Id, secret or addresses of the account are wrong: an operator has to act."""

    remedy = "Compare wechat.app_id and wechat.app_secret with 开发接口管理 at mp.weixin.qq.com."


class AddressNotListed(AccountMisconfigured):
    remedy = (
        "Put the address that the message names on the IP whitelist, or let the administrator confirm it."
    )


class SecretFrozen(AccountMisconfigured):
    remedy = "The AppSecret is frozen: thaw it under 开发接口管理."


class NotPermitted(ApiError):
    """The account has no right to this call, or it was taken away."""

    remedy = "See 接口权限 at mp.weixin.qq.com: the account needs verification or this capability."


class Banned(NotPermitted):
    remedy = "The capability was taken away for a violation: see the notices at mp.weixin.qq.com."


class CapabilityEnded(NotPermitted):
    remedy = "WeChat has ended this capability: stop calling it."


class ClearsUsedUp(NotPermitted):
    remedy = "The ten clears of this month are used up: wait for midnight in Beijing."


class Undeliverable(ApiError):
    """This person cannot get this message; another channel may reach them."""

    remedy = "Do not repeat; choose another channel for this person."


class BadOpenid(Undeliverable):
    remedy = (
        "The openid is not one of this account: drop it; after a move of the account convert the openids."
    )


class NotFollower(Undeliverable):
    remedy = "The person does not follow the account: mark them as gone, send nothing."


class UserBlocked(Undeliverable):
    remedy = "The person refuses messages or is on the account's blacklist: send nothing."


class Refused(Undeliverable):
    remedy = "The person has not granted, or refuses, this notice: ask again before the next one."


class WindowClosed(Undeliverable):
    remedy = "The person has not acted for too long or has unfollowed: use a template message."


class CountUsedUp(Undeliverable):
    remedy = (
        "The messages that the person's last action allowed are sent: wait for an action or use a template."
    )


class TypingNotNow(Undeliverable):
    remedy = "The sign is shown already, or the last action is over 30 s old: go on without it."


class BadCall(ApiError):
    """The call itself is wrong: a fault of the program."""

    remedy = "A fault of the program: compare path, method and parameters with WeChat's page of this call."


class BadContent(ApiError):
    """What was to be sent is not accepted."""

    remedy = "Correct the content; repeating it as it stands is of no use."


class ContentTooLong(BadContent):
    remedy = "Shorten the field that the message names; a customer text takes 2048 bytes."


class ContentRefused(BadContent):
    remedy = "Sensitive words: let an operator reword it."


class TooManyArticles(BadContent):
    remedy = "A customer message takes one article."


class BadMedia(BadContent):
    remedy = (
        "Check type and size; a temporary media_id ends after three days, a draft's cover must be permanent."
    )


class MediaInUse(BadContent):
    remedy = "A menu or automatic reply uses the material: change that first."


class TemplateError(ApiError):
    remedy = "Compare wechat.templates with the account's templates (templates.all)."


class BadTemplate(TemplateError):
    remedy = "The account has no such template, or the id is one of the other kind (template, subscription)."


class BadTemplateData(TemplateError):
    remedy = "The field that the message names is missing or breaks the rules of its type."


class BadTemplateLink(TemplateError):
    remedy = "The page that the message leads to does not exist in the mini-program."


class BadKeywords(TemplateError):
    remedy = "Name keywords of the library's template exactly as it lists them, in the order wanted."


class TooManyTemplates(TemplateError):
    remedy = "The account has 25 templates: delete one first."


class IndustryFixed(TemplateError):
    remedy = "The industry can be changed once a month."


class MassError(ApiError):
    remedy = "Correct the mass send; nobody has got it."


class BadAudience(MassError):
    remedy = "A list takes 2 to 10000 openids."


class DuplicateMass(MassError):
    """This ``clientmsgid`` was used within 24 hours: the first send counts."""

    remedy = "Sent before; the answer carries the first send's msg_id."


class BadClientId(MassError):
    remedy = "Use a clientmsgid of at most 32 characters."


class BadSpeed(MassError):
    remedy = "A speed is 0 (fastest) to 4."


class MassQuotaUsedUp(MassError):
    remedy = "The month's mass sends are used up: wait for the next month."


class TagError(ApiError):
    remedy = "Correct the tag."


class TooManyTags(TagError):
    remedy = "An account has 100 tags, a person 20: remove one first."


class TagReserved(TagError):
    remedy = "Tags 0 to 2 are WeChat's own: use another."


class TagTooLarge(TagError):
    remedy = "Over 100,000 people carry the tag: untag them first."


class BadTagName(TagError):
    remedy = "Names are unique and have at most 30 characters."


class UnknownTag(TagError):
    remedy = "List the tags anew: this one was deleted."


class MenuError(ApiError):
    remedy = (
        "Compare the menu file with the limits of menus: 3 by 5 entries, 16 and 60 bytes, key 128, url 1024."
    )


class NoMenu(MenuError):
    remedy = "No menu yet: push one."


class BadConditionalMenu(MenuError):
    remedy = "Push a default menu first; match by tag or platform; drop the oldest when there are too many."


class LoginError(ApiError):
    """An OAuth code or token that is of no use: send the person through the authorize URL again."""

    remedy = "Send the person through the authorize URL again."


class BadCode(LoginError):
    remedy = "The code is not one of this account: start anew; many of them mean an attack."


class CodeUsed(LoginError):
    remedy = "A code counts once: keep the session, do not exchange on a reload."


class CodeExpired(LoginError):
    remedy = "A code counts five minutes: start anew."


class GrantEnded(LoginError):
    remedy = "The person's refresh token has ended: start anew."


class CustomerServiceError(ApiError):
    remedy = "See 客服功能 at mp.weixin.qq.com; the message names account or invitation."


class AdviserUnavailable(CustomerServiceError):
    remedy = "The adviser is offline or serves this person elsewhere: choose another, or queue the person."


class NoSession(CustomerServiceError):
    remedy = "The conversation has ended already: nothing to close."


class PublishError(ApiError):
    remedy = "Open the draft at mp.weixin.qq.com, correct what is marked and save it there."


class QuotaQueryError(ApiError):
    remedy = "Give the path as /cgi-bin/…; a rid can be asked about by its own account, for seven days."
