"""The menu at the account: pushed, and with keys that the service knows."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.doctor.platform import NoToken, PlatformRefusal, PlatformSilent
from handlers.registry import INTENTS

_NO_MENU = 46003
_PUSH = "运行 run.py menu push 发布菜单（点击键用意图的名字，如 apply_financing）"


async def examine(patient: Patient) -> list[Finding]:
    try:
        answer = await patient.platform.ask_as_account("/cgi-bin/menu/get")
    except NoToken:
        return [note("没有 access_token，查不到菜单")]
    except PlatformRefusal as refusal:
        if refusal.errcode == _NO_MENU:
            return [warn("公众号还没有菜单", _PUSH)]
        return [wrong(f"取不到菜单（{refusal}）", "确认公众号已认证，有自定义菜单的权限")]
    except PlatformSilent as trouble:
        return [wrong(f"取不到菜单（{trouble}）", "稍等片刻再检查；一直这样就查到微信的网络")]
    keys = list(_keys((answer.get("menu") or {}).get("button") or []))
    unknown = [key for key in keys if key not in INTENTS]
    if unknown:
        return [warn(f"菜单里有服务不认识的键：{'、'.join(unknown)}", _PUSH)]
    return [fine(f"菜单已发布，{len(keys)} 个点击键都认识")]


def _keys(buttons: list[Mapping[str, Any]]) -> Iterator[str]:
    for button in buttons:
        if button.get("type") == "click":
            yield str(button.get("key", ""))
        yield from _keys(button.get("sub_button") or [])
