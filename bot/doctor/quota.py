"""What is left of today's calls."""

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.doctor.platform import NoToken, PlatformRefusal, PlatformSilent

_PATH = "/cgi-bin/openapi/quota/get"
_CALLS = {"模板消息": "/cgi-bin/message/template/send", "客服消息": "/cgi-bin/message/custom/send"}
_LOW_SHARE = 0.1
_WAIT = "北京时间零点恢复；长期不够就在 mp.weixin.qq.com 申请提高额度"


async def examine(patient: Patient) -> list[Finding]:
    try:
        return [await _left(patient, name, path) for name, path in _CALLS.items()]
    except NoToken:
        return [note("没有 access_token，查不到调用额度")]
    except (PlatformRefusal, PlatformSilent) as trouble:
        return [note(f"查不到调用额度（{trouble}）")]


async def _left(patient: Patient, name: str, path: str) -> Finding:
    answer = await patient.platform.ask_as_account(_PATH, {"cgi_path": path})
    quota = answer.get("quota") or {}
    limit, left = int(quota.get("daily_limit", 0)), int(quota.get("remain", 0))
    text = f"{name}今天还能发 {left} 条（每天 {limit} 条）"
    if limit and left <= 0:
        return wrong(f"{name}今天的额度用完了（每天 {limit} 条）", _WAIT)
    return warn(text, _WAIT) if left < limit * _LOW_SHARE else fine(text)
