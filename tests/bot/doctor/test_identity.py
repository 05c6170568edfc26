"""Identity checks in a deployment: papers, a stand-in, and Tencent Cloud with each trouble."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot import config
from bot.config import Settings
from bot.doctor import identity
from bot.doctor.finding import Finding, Level
from bot.embedded import ports
from bot.sandbox.account import SandboxAccount
from domain.secrets import new_key
from tests.bot.doctor.ways import changed, found
from tests.bot.identity.cloud import RULE_ID, SECRET_ID, SECRET_KEY, FaceCloud

KEYS = {"provider": "tencent", "secret_id": SECRET_ID, "secret_key": SECRET_KEY, "rule_id": RULE_ID}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Of an account; nothing of it is asked here."""
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    for name in ("APP_ID", "APP_SECRET", "TOKEN"):
        monkeypatch.setenv(f"RONGQIAO_WECHAT__{name}", "x")
    monkeypatch.setenv("RONGQIAO_WECHAT__ENCODING_AES_KEY", "a" * 43)
    monkeypatch.setenv("RONGQIAO_SECRETS__ENCRYPTION_KEY", new_key())
    return config.load()


async def with_cloud(settings: Settings, cloud: FaceCloud, **keys: str) -> Finding:
    async with TestServer(cloud.app()) as server:
        here = changed(settings, "identity", KEYS | {"url": str(server.make_url(""))} | keys)
        (finding,) = await found(here, identity.examine)
        cloud.open.set()
        return finding


async def test_papers_alone(settings: Settings) -> None:
    for provider in ("auto", "material"):
        (finding,) = await found(changed(settings, "identity", {"provider": provider}), identity.examine)
        assert (finding.level, "材料" in finding.text) == (Level.NOTE, True)


async def test_the_stand_in_is_called_one(settings: Settings) -> None:
    sandbox = changed(settings, "sandbox", {"enabled": True})
    SandboxAccount.load_or_create(sandbox.data_dir / "sandbox-account.json")
    (finding,) = await found(sandbox, identity.examine)
    assert (finding.level, "替身" in finding.text) == (Level.NOTE, True)


async def test_a_good_account_knows_no_such_try(settings: Settings) -> None:
    cloud = FaceCloud()
    finding = await with_cloud(settings, cloud)
    assert finding.level is Level.OK
    assert [action for action, _ in cloud.asked] == ["GetDetectInfoEnhanced"], "nothing is begun"
    cloud.troubles.append({"code": "InvalidParameterValue.BizTokenExpired"})
    assert (await with_cloud(settings, cloud)).level is Level.OK


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("UnauthorizedOperation.Arrears", "欠费"),
        ("UnauthorizedOperation.Nonactivated", "开通"),
        ("InvalidParameterValue.RuleIdNotExist", "identity.rule_id"),
        ("InvalidParameterValue.RuleIdDisabled", "启用"),
        ("SomethingNew", "文档"),
    ],
)
async def test_an_account_that_is_not_served(settings: Settings, code: str, remedy: str) -> None:
    cloud = FaceCloud()
    cloud.troubles.append({"code": code})
    finding = await with_cloud(settings, cloud)
    assert finding.level is Level.ERROR
    assert code in finding.text
    assert remedy in finding.remedy


async def test_a_wrong_key(settings: Settings) -> None:
    finding = await with_cloud(settings, FaceCloud(), secret_key="another-key")
    assert finding.level is Level.ERROR
    assert "secret_key" in finding.remedy
    assert "another-key" not in f"{finding}"


async def test_a_busy_account_is_a_warning(settings: Settings) -> None:
    cloud = FaceCloud()
    cloud.troubles.extend([{"code": "RequestLimitExceeded"}] * 3)
    assert (await with_cloud(settings, cloud)).level is Level.WARNING


async def test_a_cloud_that_does_not_answer(settings: Settings) -> None:
    cloud = FaceCloud()
    cloud.troubles.append("slow")
    finding = await with_cloud(settings, cloud, timeout_seconds="0.3")
    assert (finding.level, "没有回应" in finding.text) == (Level.ERROR, True)
    here = changed(settings, "identity", KEYS | {"url": f"http://127.0.0.1:{ports.any_free()}"})
    (finding,) = await found(here, identity.examine)
    assert finding.level is Level.ERROR
    assert "identity.url" in finding.remedy
