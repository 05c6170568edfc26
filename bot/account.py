"""The official account and the keys that the service works with: configured, or the sandbox's own."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings
from bot.sandbox.account import SandboxAccount
from domain.secrets import Cipher, decode_key, new_key


@dataclass(frozen=True, slots=True)
class Account:
    """Never logged: every field but `app_id` is a secret."""

    app_id: str
    app_secret: str
    token: str
    encoding_aes_key: str
    original_id: str


def account_of(settings: Settings) -> Account:
    """What is configured; in the sandbox, what is not is made on the first start and kept."""
    wechat = settings.wechat
    configured = Account(
        wechat.app_id,
        wechat.app_secret.get_secret_value(),
        wechat.token.get_secret_value(),
        wechat.encoding_aes_key.get_secret_value(),
        original_id="",
    )
    if not settings.sandbox_on:
        return configured
    own = SandboxAccount.load_or_create(settings.data_dir / "sandbox-account.json")
    return Account(
        configured.app_id or own.app_id,
        configured.app_secret or own.app_secret,
        configured.token or own.token,
        configured.encoding_aes_key or own.encoding_aes_key,
        own.original_id,
    )


def keeps_its_key(settings: Settings) -> bool:
    """Whether there is a key for data at rest already: `cipher_of` would make one where there is none."""
    configured = settings.secrets.encryption_key.get_secret_value()
    return bool(configured) or _key_file(settings).is_file()


def cipher_of(settings: Settings) -> Cipher:
    """The ring of keys; the sandbox makes the current one when none is configured."""
    configured = settings.secrets
    index_key = configured.index_key.get_secret_value()
    return Cipher(
        key_of(settings),
        previous=[decode_key(key.get_secret_value()) for key in configured.previous_encryption_keys],
        index_key=decode_key(index_key) if index_key else None,
        algorithm=configured.cipher,
    )


def key_of(settings: Settings) -> bytes:
    """The current key for data at rest, from which those for other uses are derived."""
    configured = settings.secrets.encryption_key.get_secret_value()
    return decode_key(configured or _kept(_key_file(settings), new_key()))


def api_token_of(settings: Settings) -> str:
    """The operator's token; in the sandbox one is made, so that the API can be tried at once."""
    configured = settings.api.bootstrap_token.get_secret_value()
    if configured or not settings.sandbox_on:
        return configured
    return _kept(settings.data_dir / "api.token", secrets.token_urlsafe(24))


def _key_file(settings: Settings) -> Path:
    return settings.data_dir / "encryption.key"


def _kept(path: Path, fresh: str) -> str:
    """The secret in that file, which only its owner can read; made with `fresh` when it is not there.

    Written aside and linked into place: it is there whole or not at all, and of two processes that
    start together the first one's counts.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
