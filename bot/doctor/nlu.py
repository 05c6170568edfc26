"""Rasa: whether each server answers, with the model of the present training data."""

import time
from pathlib import Path
from typing import Any

from aiohttp import ClientError
from yarl import URL

from bot import app
from bot.doctor.finding import Finding, fine, warn, wrong
from bot.doctor.patient import Patient
from bot.sections import PROJECT
from nlu import training

_NO_MODEL = 409
_OK = 200
_START = "先启动服务；Rasa 单独运行时用 run.py nlu，并核对 nlu.url"


class _Trouble(Exception):
    """What to tell instead of an answer."""


async def examine(patient: Patient) -> list[Finding]:
    own = app.rasa_address(patient.settings.data_dir)
    urls = patient.settings.nlu.urls or ([own] if own else [])
    if not urls:
        return [wrong("Rasa 没在运行，只能靠关键词理解用户", _START)]
    return [finding for url in urls for finding in await _examined(patient, URL(url))]


async def _examined(patient: Patient, url: URL) -> list[Finding]:
    place = f"{url.host}:{url.port}"
    began = time.monotonic()
    try:
        status = await _ask(patient, url, "status")
        read = await _ask(patient, url, "model/parse", {"text": "你好"})
    except _Trouble as trouble:
        return [wrong(f"Rasa {place} 不可用（{trouble}），只能靠关键词理解用户", _START)]
    took = (time.monotonic() - began) * 1000
    intent = (read.get("intent") or {}).get("name")
    found = [fine(f"Rasa {place} 能理解消息（「你好」→ {intent}，{took:.0f} 毫秒）")]
    return [*found, _model(place, str(status.get("model_file", "")))]


def _model(place: str, file: str) -> Finding:
    wanted, present = training.model_path(PROJECT).name, Path(file).name
    if present != wanted:
        return warn(
            f"Rasa {place} 用的模型 {present} 不是按现在的训练数据训练的", "运行 run.py train，不用重启"
        )
    return fine(f"模型与训练数据一致（{present.partition('.')[0]}）")


async def _ask(patient: Patient, base: URL, path: str, body: Any = None) -> dict[str, Any]:
    trouble = ""
    try:
        async with patient.http.request(
            "GET" if body is None else "POST", (base / path).with_query(base.query), json=body
        ) as response:
            if response.status == _NO_MODEL:
                trouble = "没有装载模型"
            elif response.status != _OK:
                trouble = f"HTTP {response.status}"
            else:
                answer = await response.json(content_type=None)
                return answer if isinstance(answer, dict) else {}
    except (TimeoutError, ClientError, OSError, ValueError) as error:
        trouble = type(error).__name__
    # Raised outside the handler: aiohttp's errors quote the address, and that may hold a token.
    raise _Trouble(trouble)
