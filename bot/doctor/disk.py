"""Room on the disk of `data_dir`."""

import shutil
from pathlib import Path

from bot.doctor.finding import Finding, fine, warn, wrong
from bot.doctor.patient import Patient

_GIB = 2**30
_TOO_LITTLE = _GIB // 2
_LITTLE = 2 * _GIB


async def examine(patient: Patient) -> list[Finding]:
    return [judge(shutil.disk_usage(_existing(patient.settings.data_dir.resolve())).free)]


def judge(free: int) -> Finding:
    """By the bytes that are free."""
    left = f"data_dir 所在磁盘剩余 {free / _GIB:.1f} GiB"
    remedy = "清理磁盘或扩容；数据库写不进去时服务会停下来"
    if free < _TOO_LITTLE:
        return wrong(left, remedy)
    return warn(left, remedy) if free < _LITTLE else fine(left)


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
