"""Which provider a configuration means, and which configurations mean none."""

from pathlib import Path

import pytest

from bot import config
from bot.config import ConfigError, Settings
from bot.identity import registry
from bot.identity.enterprise_four_elements import TencentEnterpriseCheck
from bot.identity.material import Material
from bot.identity.sandbox import SandboxProvider
from bot.identity.tencent_faceid import TencentFaceId
from domain.secrets import new_key
from tests.bot.identity.cloud import SECRET_ID, SECRET_KEY

TENCENT = {"PROVIDER": "tencent", "SECRET_ID": SECRET_ID, "SECRET_KEY": SECRET_KEY, "RULE_ID": "17"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    return monkeypatch


def settings(environment: pytest.MonkeyPatch, *, account: bool = False, **identity: str) -> Settings:
    for name, value in identity.items():
        environment.setenv(f"RONGQIAO_IDENTITY__{name}", value)
    if account:
        for name in ("APP_ID", "APP_SECRET", "TOKEN"):
            environment.setenv(f"RONGQIAO_WECHAT__{name}", "x")
        environment.setenv("RONGQIAO_WECHAT__ENCODING_AES_KEY", "a" * 43)
        environment.setenv("RONGQIAO_SECRETS__ENCRYPTION_KEY", new_key())
    return config.load()


async def usual(here: Settings) -> object:
    async with registry.providers(here) as providers:
        assert isinstance(providers.without_face, Material)
        assert providers.by_name["material"] is providers.without_face
        assert providers.by_name[providers.usual.name] is providers.usual
        return providers.usual


async def test_auto_is_the_stand_in_while_the_sandbox_is_on(environment: pytest.MonkeyPatch) -> None:
    assert isinstance(await usual(settings(environment)), SandboxProvider)


async def test_auto_is_paper_for_an_account(environment: pytest.MonkeyPatch) -> None:
    assert isinstance(await usual(settings(environment, account=True)), Material)


async def test_who_is_named_is_taken(environment: pytest.MonkeyPatch) -> None:
    assert isinstance(await usual(settings(environment, PROVIDER="material")), Material)
    here = settings(environment, account=True, **TENCENT)
    assert isinstance(await usual(here), TencentFaceId)
    async with registry.enterprise_check(here) as check:
        assert check is None


async def test_companies_are_compared_where_it_is_said(environment: pytest.MonkeyPatch) -> None:
    here = settings(environment, ENTERPRISE="tencent", SECRET_ID=SECRET_ID, SECRET_KEY=SECRET_KEY)
    async with registry.enterprise_check(here) as check:
        assert isinstance(check, TencentEnterpriseCheck)


def test_the_stand_in_works_nowhere_but_in_the_sandbox(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"identity\.provider: sandbox works only while"):
        settings(environment, account=True, PROVIDER="sandbox")


@pytest.mark.parametrize("missing", ["SECRET_ID", "SECRET_KEY", "RULE_ID"])
def test_a_secret_that_is_missing_is_named(environment: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in TENCENT.items() if name != missing}
    with pytest.raises(ConfigError, match=rf"^identity\.{missing.lower()}: is missing$"):
        settings(environment, **given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("MIN_SIMILARITY", "69.9"), ("MIN_SIMILARITY", "101"), ("TRIES_PER_DAY", "0")),
        *(("URL", "ftp://x"), ("URL", "https://x/path"), ("PROVIDER", "face"), ("MATERIAL__MAX_FILES", "0")),
    ],
)
def test_what_makes_no_sense_is_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"identity\.{name.lower().replace('__', '.')}"):
        settings(environment, **{name: value})


def test_the_rules_are_those_of_the_configuration(environment: pytest.MonkeyPatch) -> None:
    rules = registry.rules(settings(environment, TRIES_PER_DAY="3", MATERIAL__MAX_MEGABYTES="2"))
    assert (rules.tries_per_day, rules.limits.max_bytes) == (3, 2 * 1024 * 1024)
    assert rules.return_page.endswith("/m/identity/return/{id}")
