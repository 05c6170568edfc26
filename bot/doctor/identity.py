"""Whether people can be checked: asking for a try that does not exist shows that key and flow are good."""

import time

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.identity import registry
from bot.identity.base import Expired, ProviderFailed, Throttled, Unreachable
from bot.identity.sandbox import SandboxProvider
from bot.identity.tencent_faceid import TencentFaceId

_CONSOLE = "console.cloud.tencent.com"
_NO_TRY = "00000000-0000-0000-0000-000000000000"
# What an account that is served says of a try that it never opened.
_NO_SUCH_TRY = "InvalidParameterValue.BizTokenIllegal"
_REMEDIES = {
    "AuthFailure": f"到 {_CONSOLE}/cam/capi 核对 identity.secret_id 和 secret_key，"
    "确认密钥有人脸核身的权限，并核对本机时间",
    "UnauthorizedOperation": f"到 {_CONSOLE}/faceid 确认人脸核身已开通、没有欠费，密钥有权限",
    "InvalidParameterValue.RuleIdNotExist": f"到 {_CONSOLE}/faceid 核对业务流程的 RuleId 和 identity.rule_id",
    "InvalidParameterValue.RuleIdDisabled": f"到 {_CONSOLE}/faceid 启用这个业务流程",
}
_ELSE = "按错误码查腾讯云「人脸核身」的文档，核对 identity 下的各项配置"
_MEANWHILE = "用户只能上传材料，由顾问核对"


async def examine(patient: Patient) -> list[Finding]:
    settings = patient.settings
    match registry.chosen(settings):
        case TencentFaceId.name:
            return [await _tried(patient)]
        case SandboxProvider.name:
            return [note("沙箱里由替身代做实名认证：不看人脸，按按钮出结果")]
        case _:
            return [note(f"没有配置人脸核身，{_MEANWHILE}")]


async def _tried(patient: Patient) -> Finding:
    began = time.monotonic()
    question = {"BizToken": _NO_TRY, "RuleId": patient.settings.identity.rule_id, "InfoType": "1"}
    try:
        async with registry.faceid(patient.settings) as service:
            await service.call("GetDetectInfoEnhanced", question, repeatable=False)
    except Expired:
        pass
    except Throttled as failure:
        return warn(f"人脸核身正忙（{failure}）", "经常这样就到腾讯云购买更高的并发")
    except Unreachable as failure:
        remedy = "检查 identity.url 和到它的网络；太慢就调大 identity.timeout_seconds"
        return wrong(f"人脸核身没有回应（{failure}），{_MEANWHILE}", remedy)
    except ProviderFailed as failure:
        if failure.code != _NO_SUCH_TRY:
            return wrong(f"人脸核身不可用（{failure}），{_MEANWHILE}", _remedy(failure.code))
    return fine(f"人脸核身可用（腾讯云，{(time.monotonic() - began) * 1000:.0f} 毫秒）")


def _remedy(code: str) -> str:
    return _REMEDIES.get(code) or _REMEDIES.get(code.partition(".")[0], _ELSE)
