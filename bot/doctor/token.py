"""The access token: whether the platform gives us one, and if not, where to click."""

import re

from bot.doctor.finding import Finding, fine, wrong
from bot.doctor.patient import Patient
from bot.doctor.platform import PlatformRefusal, PlatformSilent

_CONSOLE = "mp.weixin.qq.com「设置与开发 → 开发接口管理 → 基本配置」"
_IP = re.compile(r"(?<![\w.:])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])")
_WRONG_SECRET = (
    "AppSecret 不对（{code}）",
    f"到 {_CONSOLE} 核对 AppSecret；忘了就重置，再改 wechat.app_secret 并重启服务",
)
_KNOWN: dict[int, tuple[str, str]] = {
    40001: _WRONG_SECRET,
    40125: _WRONG_SECRET,
    40013: ("AppID 不对（40013）", f"到 {_CONSOLE} 复制 AppID，改 wechat.app_id 并重启服务"),
    40243: (
        "AppSecret 被冻结了（40243）",
        f"到 {_CONSOLE} 解除冻结，或重置 AppSecret 后改 wechat.app_secret",
    ),
    45009: ("今天取 access_token 的次数用完了（45009）", "查一查是否有别的程序在反复取；北京时间零点恢复"),
    45011: ("取 access_token 太频繁（45011）", "等一分钟再试"),
    -1: ("微信系统繁忙（-1）", "稍等片刻再试"),
}
_NOT_LISTED = 40164


async def examine(patient: Patient) -> list[Finding]:
    try:
        token = await patient.platform.token()
    except PlatformRefusal as refusal:
        return [_explained(refusal)]
    except PlatformSilent as trouble:
        return [
            wrong(
                f"连不上微信接口 {patient.settings.wechat_api}（{trouble}）",
                "检查本机能否访问外网、DNS 和防火墙；沙箱要先把服务启动起来",
            )
        ]
    if not token:
        return [wrong("微信的回答里没有 access_token", "检查 wechat.api_base_url 是否指向微信")]
    return [fine("能取得 access_token")]


def _explained(refusal: PlatformRefusal) -> Finding:
    if refusal.errcode == _NOT_LISTED:
        return _not_listed(refusal.errmsg)
    text, remedy = _KNOWN.get(
        refusal.errcode,
        (
            f"微信拒绝发放 access_token：{{code}} {refusal.errmsg[:100]}",
            "按错误码查微信公众平台的《全局返回码说明》",
        ),
    )
    return wrong(text.replace("{code}", str(refusal.errcode)), remedy)


def _not_listed(errmsg: str) -> Finding:
    """WeChat names the address that it sees, which may be that of a gateway."""
    found = _IP.search(errmsg)
    address = found[1] if found else "本机的出口 IP"
    return wrong(
        f"{address} 不在公众号的 IP 白名单里（40164）",
        f"到 {_CONSOLE} 的「IP白名单」加上 {address}；有多台机器就都加上",
    )
