"""The keys for data at rest: everything that is stored opens with one of them."""

from sqlalchemy.exc import SQLAlchemyError

from bot.account import cipher_of, keeps_its_key
from bot.doctor.database import missing_file
from bot.doctor.finding import Finding, fine, note, wrong
from bot.doctor.patient import Patient
from domain.database import Database
from domain.secrets_columns import SEALED
from domain.secrets_rotation import Standing, survey

_FIND_KEY = (
    "找回这把密钥，放进 secrets.previous_encryption_keys 并重启；找不回的数据已无法读出，只能请本人重新提供"
)


async def examine(patient: Patient) -> list[Finding]:
    settings = patient.settings
    if not keeps_its_key(settings):
        return [
            wrong(
                "密钥文件不见了，重启会另造一把，已加密的数据就读不出了",
                "从备份恢复 encryption.key，或在 secrets.encryption_key 中配置原来的密钥",
            )
        ]
    if missing_file(settings.database_url):
        return [note("数据库文件还不存在，没有可检查的数据")]
    database = Database(settings.database_url)
    try:
        async with database.reading() as session:
            return judge(await survey(session, cipher_of(settings), SEALED))
    except (SQLAlchemyError, OSError):
        return [note("读不了数据库，没有检查（原因见「数据库」一项）")]
    finally:
        await database.aclose()


def judge(standings: list[Standing]) -> list[Finding]:
    findings = [
        wrong(f"{it.column.name} 有 {it.unknown} 行用的是未知密钥（{_ids(it)}）", _FIND_KEY)
        for it in standings
        if it.unknown
    ]
    findings += [
        wrong(f"{it.column.name} 有早先加密的数据，现有的密钥都读不出", _FIND_KEY)
        for it in standings
        if it.lost
    ]
    if stale := sum(it.stale_indexes for it in standings):
        findings.append(
            wrong(
                f"有 {stale} 行的查找索引不是用现在的索引密钥生成的，按证件号找不到",
                "运行 run.py rotate-keys",
            )
        )
    if older := sum(it.previous + it.headless for it in standings):
        findings.append(note(f"有 {older} 行由以前的密钥或算法保护，可运行 run.py rotate-keys 换成当前的"))
    return findings or [fine(f"{sum(it.current for it in standings)} 行加密数据都由当前密钥保护")]


def _ids(standing: Standing) -> str:
    return "、".join(sorted(standing.unknown_keys))
