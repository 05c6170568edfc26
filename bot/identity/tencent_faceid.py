"""Tencent Cloud FaceID (慧眼人脸核身, 微信 H5): DetectAuth, the person at its page, GetDetectInfoEnhanced.

The page is opened within two hours; the result is kept for three days and may be fetched again and again. Of
the result only its text is asked for: no picture and no film comes here, and one that came would be let go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.identity.base import Begun, Outcome, Unreachable, Verdict
from bot.identity.tencent import TencentService
from domain.identity.papers import same_name
from domain.identity.verifications import Person

TOKEN_LASTS: Final = timedelta(seconds=7200)
_TEXT_ALONE: Final = {
    "InfoType": "1",
    "BestFramesCount": 0,
    "IsCutIdCardImage": False,
    "IsNeedIdCardAvatar": False,
    "IsReturnAllVideo": False,
}


@dataclass(frozen=True, slots=True)
class Options:
    """`rule_id` is the flow (RuleId) of the console; similarities are of 100."""

    rule_id: str
    min_similarity: float = 70.0


class TencentFaceId:
    """As `IdentityProvider` says."""

    name = "tencent"
    needs_face = True

    def __init__(self, service: TencentService, options: Options) -> None:
        self._service = service
        self._options = options

    async def begin(self, person: Person, redirect_url: str, *, reference: str, now: datetime) -> Begun:
        """A second DetectAuth would open a second try: it is repeated only where the first never arrived."""
        question = {
            "RuleId": self._options.rule_id,
            "Name": person.name,
            "IdCard": person.id_number,
            "RedirectUrl": redirect_url,
            "Extra": reference,
        }
        answer = await self._service.call("DetectAuth", question, repeatable=False)
        url, token = answer.get("Url"), answer.get("BizToken")
        if not (isinstance(url, str) and isinstance(token, str) and url.startswith("http") and token):
            raise Unreachable("DetectAuth: an answer without Url or BizToken", request_id=_id_of(answer))
        return Begun(url, token, now + TOKEN_LASTS)

    async def finish(self, token: str, person: Person) -> Outcome:
        question = {"BizToken": token, "RuleId": self._options.rule_id, **_TEXT_ALONE}
        answer = await self._service.call("GetDetectInfoEnhanced", question, repeatable=True)
        text = answer.get("Text") or {}
        try:
            return self._outcome(text, person, _id_of(answer))
        except (ValueError, TypeError, AttributeError) as error:
            unreadable = "GetDetectInfoEnhanced: a result that cannot be read"
            raise Unreachable(unreadable, request_id=_id_of(answer)) from error

    def _outcome(self, text: dict[str, Any], person: Person, evidence: str) -> Outcome:
        code = text.get("ErrCode")
        if code is None:
            return Outcome(Verdict.PENDING, evidence=evidence)
        similarity = float(text["Sim"]) if text.get("Sim") else None
        problem = _problem(text, int(code)) or self._doubt(text, person, similarity)
        if problem is None:
            return Outcome(Verdict.PASSED, evidence=evidence, similarity=similarity)
        found, reason = problem
        return Outcome(Verdict.FAILED, reason, found, evidence, similarity)

    def _doubt(
        self, text: dict[str, Any], person: Person, similarity: float | None
    ) -> tuple[str, str] | None:
        """What the provider let pass and we do not."""
        same_number = str(text.get("IdCard") or "").upper() == person.id_number
        if not (same_number and same_name(str(text.get("Name") or ""), person.name)):
            return "OtherPerson", "核验到的身份与您填写的不一致，请用本人的身份信息重新认证。"
        if similarity is None or not similarity >= self._options.min_similarity:
            return "LowSimilarity", "没能确认是您本人，请在光线好的地方正对镜头再试一次。"
        return None


def _problem(text: dict[str, Any], code: int) -> tuple[str, str] | None:
    """The provider's code of what went wrong, and how a person is told."""
    live, compared = int(text.get("LiveStatus") or 0), int(text.get("Comparestatus") or 0)
    if live:
        return f"LiveStatus.{live}", "没有通过动作检测，请在光线好的地方正对镜头，按提示再做一次。"
    if compared:
        return f"Comparestatus.{compared}", "没能确认是您本人，请核对姓名和身份证号，正对镜头再试一次。"
    if code:
        return f"ErrCode.{code}", "这次没有通过，请核对姓名和身份证号后再试一次。"
    return None


def _id_of(answer: dict[str, Any]) -> str:
    return str(answer.get("RequestId") or "")
