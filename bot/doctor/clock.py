"""The clock, against WeChat's and the database's: signatures, windows and deadlines hang on it."""

from collections.abc import Iterator

from bot.doctor import database
from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.doctor.platform import PlatformSilent

_OFF_SECONDS = 60
_WORTH_A_WORD_SECONDS = 10
_REMEDY = "打开时间同步：timedatectl set-ntp true，或装 chrony"


async def examine(patient: Patient) -> list[Finding]:
    found: list[Finding] = []
    try:
        found += _judged("微信", await patient.platform.clock_ahead())
    except PlatformSilent as trouble:
        found.append(note(f"没能和微信对时（{trouble}）"))
    ahead = await database.clock_ahead(patient.settings.database_url)
    if ahead is not None:
        found += _judged("数据库", ahead)
    return found


def _judged(other: str, ahead: float) -> Iterator[Finding]:
    """`ahead`: by how many seconds the other clock is ahead of ours."""
    off = abs(ahead)
    if off <= _WORTH_A_WORD_SECONDS:
        yield fine(f"与{other}的时间一致")
        return
    text = f"本机时间比{other}{'慢' if ahead > 0 else '快'} {off:.0f} 秒"
    if off > _OFF_SECONDS:
        yield wrong(f"{text}，签名和时效会判断错误", _REMEDY)
    else:
        yield warn(text, _REMEDY)
