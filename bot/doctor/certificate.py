"""The certificate of the public address: trusted, for this name, and for how long."""

import asyncio
import ssl
import time

from yarl import URL

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient

_DAY = 86_400
_URGENT_DAYS = 7
_SOON_DAYS = 30
_RENEW = "续签证书，并确认自动续签（如 certbot、acme.sh）在工作"


async def examine(patient: Patient) -> list[Finding]:
    url = URL(patient.settings.server.address)
    if url.scheme != "https":
        return [note("公网地址不是 https，没有证书可查")]
    try:
        days = await _days_left(url)
    except ssl.SSLCertVerificationError as error:
        return [
            wrong(
                f"证书不受信任（{error.verify_message}）",
                "换成受信任机构签发、含此域名的证书，并配全中间证书",
            )
        ]
    except (OSError, TimeoutError) as error:
        return [wrong(f"取不到证书（{type(error).__name__}）", "确认域名的 443 端口可以连接")]
    text = f"证书还有 {days} 天到期"
    if days < _URGENT_DAYS:
        return [wrong(text, _RENEW)]
    return [warn(text, _RENEW)] if days < _SOON_DAYS else [fine(text)]


async def _days_left(url: URL) -> int:
    """Raises SSLCertVerificationError, OSError."""
    context = ssl.create_default_context()
    _, writer = await asyncio.open_connection(url.host, url.port, ssl=context, server_hostname=url.host)
    try:
        certificate = writer.get_extra_info("peercert")
        return int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // _DAY)
    finally:
        writer.transport.abort()
