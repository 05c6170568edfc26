"""The configuration, as far as the start itself does not insist on it."""

import ipaddress
import re
from collections.abc import Iterator

from yarl import URL

from bot.config import Settings
from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.wechat.crypto import MessageCipher

_APP_ID = re.compile(r"wx[0-9a-f]{16}")
_LOCAL_NAMES = {"localhost", "localhost.localdomain"}
# The only ports on which WeChat calls.
_PORTS = {80, 443}
_SHORTEST_TOKEN = 16


async def examine(patient: Patient) -> list[Finding]:
    settings = patient.settings
    own = _sandbox(settings) if settings.sandbox_on else _account(settings)
    return [*own, *_keys(patient), *_api(settings)]


def _sandbox(settings: Settings) -> Iterator[Finding]:
    yield note("现在是沙箱：账号、密钥和微信都是本机模拟的，没有接真实的公众号")
    if settings.wechat.app_id:
        yield warn(
            "已经填了 wechat.app_id，沙箱却还开着，任何人都能打开 /sandbox 冒充用户",
            "正式使用前把 sandbox.enabled 改回 auto 或 false，重启服务",
        )


def _account(settings: Settings) -> Iterator[Finding]:
    if _APP_ID.fullmatch(settings.wechat.app_id):
        yield fine(f"公众号 {settings.wechat.app_id}，密钥都已填写")
    else:
        yield warn(
            "wechat.app_id 不像公众号的 AppID（wx 加 16 位字母数字）",
            "到 mp.weixin.qq.com「设置与开发 → 开发接口管理」核对 AppID",
        )
    yield _public_url(settings)
    if not settings.registration_rules.reviews and settings.identity.enterprise == "none":
        yield warn(
            "企业注册没有审核，也不核对法定代表人：实名的人都能注册别人的企业",
            "把 registration.reviews 设为 [district, city]，或把 identity.enterprise 设为 tencent",
        )
    if settings.wechat.encryption != "safe":
        yield warn(
            f"消息加解密方式是 {settings.wechat.encryption}，用户说的话会明文经过网络",
            "把公众号后台和 wechat.encryption 都改成安全模式（safe）",
        )


def _public_url(settings: Settings) -> Finding:
    text = settings.server.public_url
    if not text:
        return wrong(
            "没有填写 server.public_url，微信和用户都找不到这台服务器",
            "填上公网能打开的 https 地址，如 https://rongqiao.example.com",
        )
    url = URL(text)
    if _is_local(url.host or ""):
        return wrong(
            f"server.public_url 是 {text}，只有内网能打开，微信的服务器到不了",
            "换成公网域名，并让它指向本服务",
        )
    if url.scheme != "https":
        return wrong(f"server.public_url 是 {text}，没有加密", "给域名配好证书，地址改成 https:// 开头")
    if url.port not in _PORTS:
        return wrong(
            f"server.public_url 的端口是 {url.port}，微信只访问 80 和 443", "让反向代理监听 443 端口"
        )
    return fine(f"公网地址 {text}")


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.lower() in _LOCAL_NAMES or "." not in host


def _keys(patient: Patient) -> Iterator[Finding]:
    if patient.settings.wechat.encryption == "plain":
        return
    previous = patient.settings.wechat.previous_aes_key.get_secret_value()
    keys = {
        "wechat.encoding_aes_key": patient.account.encoding_aes_key,
        "wechat.previous_aes_key": previous,
    }
    bad = [name for name, key in keys.items() if key and not _is_key(key)]
    for name in bad:
        yield wrong(
            f"{name} 不是有效的 EncodingAESKey", "从公众号后台「服务器配置」重新复制，共 43 个字母和数字"
        )
    if not bad:
        yield fine("EncodingAESKey 格式正确")
    if previous:
        yield note("还在接受旧的 EncodingAESKey；换钥满一天后可以清空 wechat.previous_aes_key")


def _is_key(key: str) -> bool:
    try:
        MessageCipher(key, "")
    except ValueError:
        return False
    return True


def _api(settings: Settings) -> Iterator[Finding]:
    token = settings.api.bootstrap_token.get_secret_value()
    if not token and not settings.sandbox_on:
        yield note("没有设置 api.bootstrap_token，/api/v1 拒绝所有调用")
    elif token and len(token) < _SHORTEST_TOKEN:
        yield warn("api.bootstrap_token 太短，容易被猜中", "换成至少 32 位的随机字符")
