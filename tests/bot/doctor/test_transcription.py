"""Voice messages in a deployment: nobody listens, a stand-in, and Tencent Cloud with each trouble."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot import config
from bot.config import Settings
from bot.doctor import transcription
from bot.doctor.finding import Finding, Level
from bot.embedded import ports
from bot.sandbox.account import SandboxAccount
from domain.secrets import new_key
from tests.bot.doctor.ways import changed, found
from tests.bot.transcription.cloud import SECRET_ID, SECRET_KEY, Cloud

KEYS = {"provider": "tencent", "secret_id": SECRET_ID, "secret_key": SECRET_KEY}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Of an account; nothing of it is asked here."""
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_WECHAT__APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("RONGQIAO_WECHAT__APP_SECRET", "s")
    monkeypatch.setenv("RONGQIAO_WECHAT__TOKEN", "t")
    monkeypatch.setenv("RONGQIAO_WECHAT__ENCODING_AES_KEY", "a" * 43)
    monkeypatch.setenv("RONGQIAO_SECRETS__ENCRYPTION_KEY", new_key())
    return config.load()


async def with_cloud(settings: Settings, cloud: Cloud, **keys: str) -> Finding:
    async with TestServer(cloud.app()) as server:
        url = str(server.make_url(""))
        here = changed(settings, "transcription", KEYS | {"url": url} | keys)
        (finding,) = await found(here, transcription.examine)
        cloud.open.set()
        return finding


async def test_nobody_listens(settings: Settings) -> None:
    for provider in ("auto", "none"):
        here = changed(settings, "transcription", {"provider": provider})
        (finding,) = await found(here, transcription.examine)
        assert finding.level is Level.NOTE
        assert "打字" in finding.text


async def test_the_stand_in_is_called_one(settings: Settings) -> None:
    (finding,) = await found(changed(settings, "sandbox", {"enabled": False}), transcription.examine)
    assert "替身" not in finding.text
    sandbox = changed(settings, "sandbox", {"enabled": True})
    SandboxAccount.load_or_create(sandbox.data_dir / "sandbox-account.json")
    (finding,) = await found(sandbox, transcription.examine)
    assert (finding.level, "替身" in finding.text) == (Level.NOTE, True)


@pytest.mark.parametrize(
    "answer", [None, "FailedOperation.ErrorRecognize", "InvalidParameterValue.NoHumanVoice"]
)
async def test_a_good_account_is_found_with_silence(settings: Settings, answer: str | None) -> None:
    cloud = Cloud(words="")
    if answer:
        cloud.answers.append({"code": answer})
    finding = await with_cloud(settings, cloud)
    assert finding.level is Level.OK
    assert len(cloud.asked) == 1
    assert cloud.sound.startswith(b"#!AMR\n")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("FailedOperation.UserNotRegistered", "开通"),
        ("FailedOperation.UserHasNoFreeAmount", "资源包"),
        ("InvalidParameterValue.ErrorInvalidEngservice", "transcription.engine"),
    ],
)
async def test_an_account_that_is_not_served(settings: Settings, code: str, remedy: str) -> None:
    cloud = Cloud()
    cloud.answers.append({"code": code})
    finding = await with_cloud(settings, cloud)
    assert finding.level is Level.ERROR
    assert code in finding.text
    assert remedy in finding.remedy


async def test_a_wrong_key(settings: Settings) -> None:
    finding = await with_cloud(settings, Cloud(), secret_key="another-key")
    assert finding.level is Level.ERROR
    assert "secret_key" in finding.remedy
    assert "another-key" not in f"{finding}"


async def test_a_busy_account_is_a_warning(settings: Settings) -> None:
    cloud = Cloud()
    cloud.answers.extend([{"code": "RequestLimitExceeded"}] * 3)
    assert (await with_cloud(settings, cloud)).level is Level.WARNING


async def test_a_cloud_that_does_not_answer(settings: Settings) -> None:
    cloud = Cloud()
    cloud.answers.append("slow")
    finding = await with_cloud(settings, cloud, timeout_seconds="0.3")
    assert (finding.level, "没有结果" in finding.text) == (Level.ERROR, True)
    here = changed(settings, "transcription", KEYS | {"url": f"http://127.0.0.1:{ports.any_free()}"})
    (finding,) = await found(here, transcription.examine)
    assert finding.level is Level.ERROR
    assert "transcription.url" in finding.remedy
