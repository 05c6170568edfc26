"""All checks side by side; one that fails or hangs hides none of the others."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.config import Settings
from bot.doctor import (
    callback,
    certificate,
    clock,
    configuration,
    database,
    disk,
    identity,
    keys,
    menu,
    nlu,
    quota,
    redis,
    templates,
    token,
    transcription,
)
from bot.doctor.finding import Finding, Level, wrong
from bot.doctor.patient import NeverStarted, Patient, admitted

_log = structlog.get_logger(__name__)

LIMIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    title: str
    examine: Callable[[Patient], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Section:
    """What one check found."""

    name: str
    title: str
    findings: list[Finding]

    @property
    def level(self) -> Level:
        """The worst of it."""
        return max((finding.level for finding in self.findings), key=list(Level).index, default=Level.OK)


CHECKS = (
    Check("configuration", "配置", configuration.examine),
    Check("token", "接口凭证", token.examine),
    Check("callback", "回调地址", callback.examine),
    Check("certificate", "证书", certificate.examine),
    Check("templates", "模板消息", templates.examine),
    Check("menu", "菜单", menu.examine),
    Check("quota", "调用额度", quota.examine),
    Check("database", "数据库", database.examine),
    Check("keys", "数据密钥", keys.examine),
    Check("redis", "Redis", redis.examine),
    Check("nlu", "语义理解", nlu.examine),
    Check("transcription", "语音识别", transcription.examine),
    Check("identity", "实名认证", identity.examine),
    Check("clock", "时间", clock.examine),
    Check("disk", "磁盘", disk.examine),
)


async def examine(
    settings: Settings, checks: tuple[Check, ...] = CHECKS, *, limit_seconds: float = LIMIT_SECONDS
) -> list[Section]:
    try:
        async with admitted(settings) as patient:
            return await _side_by_side(patient, checks, limit_seconds)
    except NeverStarted:
        finding = wrong("沙箱还没有启动过，没有什么可以检查", "先启动服务（make run），再检查一次")
        return [Section("configuration", "配置", [finding])]


def unusable(lines: str) -> list[Section]:
    """A configuration that cannot be read at all; `lines` names each key."""
    findings = [wrong(line, "按 docs/configuration.md 改正，再检查一次") for line in lines.splitlines()]
    return [Section("configuration", "配置", findings)]


async def _side_by_side(patient: Patient, checks: tuple[Check, ...], limit: float) -> list[Section]:
    tasks = [asyncio.ensure_future(_alone(check, patient)) for check in checks]
    await asyncio.wait(tasks, timeout=limit)
    sections = []
    for check, task in zip(checks, tasks, strict=True):
        if task.done():
            findings = task.result()
        else:
            task.cancel()
            findings = [wrong(f"{limit:g} 秒内没有结果", "对方没有回应，检查网络和那一方的负载")]
        sections.append(Section(check.name, check.title, findings))
    return sections


async def _alone(check: Check, patient: Patient) -> list[Finding]:
    try:
        return await check.examine(patient)
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; the others go on
        _log.warning("check_failed", check=check.name, exc_info=error)
        return [wrong(f"检查没能完成（{type(error).__name__}）", "看日志里的 check_failed，并告诉开发者")]
