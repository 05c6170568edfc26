"""The callback address, tried as WeChat tries it: the greeting of the form, then a sealed push.

The push is two hours old. The service decrypts it, sees its time, and refuses it before anything is stored
or answered; how it refuses tells whether the keys agree.
"""

import secrets
import time
from dataclasses import dataclass

from aiohttp import ClientConnectorCertificateError, ClientError

from bot.doctor.finding import Finding, Level, fine, warn, wrong
from bot.doctor.patient import Patient
from bot.wechat.crypto import MessageCipher, sign

_AGE_SECONDS = 7200
_SLOW_SECONDS = 1.0
_OK, _REDIRECT, _BAD_REQUEST, _FORBIDDEN = 200, 300, 400, 403
_PUSH = (
    "<xml><ToUserName><![CDATA[doctor]]></ToUserName><FromUserName><![CDATA[doctor]]></FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[VIEW]]></Event>"
    "<EventKey><![CDATA[doctor]]></EventKey></xml>"
)
_RESTART = "让所有进程用同一份配置（环境变量和 config.yml），再重启服务"


@dataclass(frozen=True, slots=True)
class _Answer:
    """`trouble` is set when there was none."""

    status: int = 0
    text: str = ""
    seconds: float = 0.0
    trouble: str = ""


async def examine(patient: Patient) -> list[Finding]:
    greeting = await _greeting(patient)
    if greeting.level is Level.ERROR or patient.settings.wechat.encryption == "plain":
        return [greeting]
    return [greeting, await _sealed(patient)]


async def _greeting(patient: Patient) -> Finding:
    """What WeChat does when the address is saved at mp.weixin.qq.com."""
    url, echo = _url(patient), str(secrets.randbelow(10**18))
    answer = await _try(patient, "GET", _signed(patient, int(time.time())) | {"echostr": echo})
    if answer.trouble:
        return wrong(
            f"从 server.public_url 打不开 {url}（{answer.trouble}）",
            "确认服务在运行、反向代理把 /wechat 转给它、域名解析和防火墙放行；"
            "若只是本机访问不了自己的公网地址，请换一台外面的机器再检查",
        )
    if answer.status == _OK and answer.text == echo:
        return _timed(answer)
    if answer.status == _FORBIDDEN:
        return wrong(
            f"{url} 不认这里的 Token（403）", f"核对 wechat.token，{_RESTART}；机器时间相差太大也会这样"
        )
    if _REDIRECT <= answer.status < _BAD_REQUEST:
        return wrong(
            f"{url} 跳转到了别处（{answer.status}），微信不会跟过去", "让反向代理直接转发 /wechat，不要跳转"
        )
    return wrong(
        f"{url} 的回答不是原样的 echostr（HTTP {answer.status}），那里可能不是融桥",
        "检查 server.public_url 的域名，和反向代理转发的目标",
    )


def _timed(answer: _Answer) -> Finding:
    took = f"{answer.seconds * 1000:.0f} 毫秒"
    if answer.seconds > _SLOW_SECONDS:
        return warn(f"回调地址可用，但一来一回要 {took}", "微信只等 5 秒，检查网络和反向代理为什么慢")
    return fine(f"回调地址可用，Token 一致（{took}）")


async def _sealed(patient: Patient) -> Finding:
    at = int(time.time()) - _AGE_SECONDS
    key, app_id = patient.account.encoding_aes_key, patient.account.app_id
    cipher = MessageCipher(key, app_id).encrypt(_PUSH.format(at=at).encode())
    query = _signed(patient, at)
    query |= {
        "encrypt_type": "aes",
        "msg_signature": sign(patient.account.token, query["timestamp"], query["nonce"], cipher),
    }
    body = f"<xml><ToUserName><![CDATA[doctor]]></ToUserName><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
    answer = await _try(patient, "POST", query, body)
    if answer.status == _FORBIDDEN and "timestamp" in answer.text:
        return fine("加密推送能解开，EncodingAESKey 一致")
    if answer.status == _BAD_REQUEST:
        return wrong(
            "运行中的服务解不开这里加密的推送：EncodingAESKey 不一致",
            f"核对 wechat.encoding_aes_key，{_RESTART}",
        )
    if answer.status == _FORBIDDEN:
        return wrong("运行中的服务说推送是给别的公众号的：AppID 不一致", f"核对 wechat.app_id，{_RESTART}")
    said = answer.trouble or f"HTTP {answer.status}"
    return wrong(
        f"加密推送没有得到该有的回答（{said}）", "检查反向代理是否放行 POST 和 text/xml，是否改动了请求"
    )


def _url(patient: Patient) -> str:
    return f"{patient.settings.server.address}/wechat"


def _signed(patient: Patient, at: int) -> dict[str, str]:
    stamp, nonce = str(at), str(secrets.randbelow(10**10))
    return {"signature": sign(patient.account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}


async def _try(patient: Patient, method: str, query: dict[str, str], body: str | None = None) -> _Answer:
    began = time.monotonic()
    try:
        async with patient.http.request(
            method,
            _url(patient),
            params=query,
            data=body.encode() if body else None,
            headers={"Content-Type": "text/xml"} if body else None,
            allow_redirects=False,
        ) as response:
            text = (await response.content.read(1024)).decode(errors="replace")
            return _Answer(response.status, text, time.monotonic() - began)
    except TimeoutError:
        return _Answer(trouble="5 秒内没有回答")
    except ClientConnectorCertificateError:
        return _Answer(trouble="证书不受信任")
    except (ClientError, OSError) as error:
        return _Answer(trouble=type(error).__name__)
