"""The keys that the service works with: configured, or made once and kept."""

import stat
from pathlib import Path

import pytest

from bot import config
from bot.account import account_of, api_token_of, cipher_of
from bot.config import Settings
from domain.secrets import new_key


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path / "data"))
    return config.load()


def test_the_sandbox_makes_its_keys_once(settings: Settings) -> None:
    account, token = account_of(settings), api_token_of(settings)
    assert all((account.app_id, account.app_secret, account.token, account.original_id, token))
    assert len(account.encoding_aes_key) == 43
    assert (account_of(settings), api_token_of(settings)) == (account, token)
    secret = cipher_of(settings).encrypt("13812345678", "phone")
    assert cipher_of(settings).decrypt(secret, "phone") == "13812345678"
    for name in ("encryption.key", "api.token", "sandbox-account.json"):
        assert stat.S_IMODE((settings.data_dir / name).stat().st_mode) == 0o600


def test_what_is_configured_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "WECHAT__APP_ID": "wx1",
        "WECHAT__APP_SECRET": "s",
        "WECHAT__TOKEN": "t",
        "WECHAT__ENCODING_AES_KEY": "a" * 43,
        "SECRETS__ENCRYPTION_KEY": new_key(),
        "DATA_DIR": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"RONGQIAO_{name}", value)
    settings = config.load()
    account = account_of(settings)
    assert (account.app_id, account.app_secret, account.token) == ("wx1", "s", "t")
    secret = cipher_of(settings).encrypt("x", "phone")
    assert cipher_of(settings).decrypt(secret, "phone") == "x"
    assert api_token_of(settings) == "", "no token is made for a real account"
    assert list(tmp_path.iterdir()) == [], "and no key is kept beside the configured ones"
