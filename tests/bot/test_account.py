"""The keys that the service works with: configured, or made once and kept."""

import json
import stat
from pathlib import Path

import pytest

from bot import config
from bot.account import account_of, api_token_of, cipher_of
from bot.config import Settings
from domain.secrets import Algorithm, Cipher, decode_key, new_key


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


def test_the_ring_is_made_of_what_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    current, previous, index = (new_key() for _ in range(3))
    given = {
        "ENCRYPTION_KEY": current,
        "PREVIOUS_ENCRYPTION_KEYS": json.dumps([previous]),
        "INDEX_KEY": index,
        "CIPHER": "sm4-gcm",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"RONGQIAO_SECRETS__{name}", value)
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    settings = config.load()
    ring = cipher_of(settings)
    assert not any(key in repr(settings) + str(settings) + repr(ring) for key in (current, previous, index))
    old, alone = Cipher(decode_key(previous)), Cipher(decode_key(current), algorithm=Algorithm.SM4_GCM)
    assert ring.decrypt(old.encrypt("x", "phone"), "phone") == "x"
    assert ring.encrypt("x", "phone").startswith(alone.head)
    indexes = Cipher(decode_key(current), index_key=decode_key(index))
    assert ring.blind_index("x", "phone") == indexes.blind_index("x", "phone")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PREVIOUS_ENCRYPTION_KEYS", '["short"]', "secrets.previous_encryption_keys"),
        ("INDEX_KEY", "short", "secrets.index_key"),
        ("CIPHER", "rot13", "secrets.cipher"),
    ],
)
def test_a_ring_that_cannot_be_made_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"RONGQIAO_SECRETS__{name}", value)
    with pytest.raises(config.ConfigError, match=said) as refused:
        config.load()
    assert "short" not in str(refused.value)


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
