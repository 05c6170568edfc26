"""The service account that the sandbox plays: its identity and its secrets."""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

_LETTERS = string.ascii_letters + string.digits
_HEX = string.digits + "abcdef"


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


@dataclass(frozen=True)
class SandboxAccount:
    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    """43 characters: base64 of a 32-byte AES key without its last `=`."""
    original_id: str
    """The account as sender and receiver of messages, `gh_…`."""

    @classmethod
    def generate(cls) -> Self:
        return cls(
            app_id="wx" + _random(_HEX, 16),
            app_secret=_random(_HEX, 32),
            token=_random(_LETTERS, 32),
            # The 43rd character carries four bits only: "A" keeps the two spare ones zero.
            encoding_aes_key=_random(_LETTERS, 42) + "A",
            original_id="gh_" + _random(_HEX, 12),
        )

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The account kept in the JSON file `path`; the first call makes it, readable by its owner alone."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            account = cls.generate()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed, so that a crash leaves no half file that every later start trips over.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            json.dump(asdict(account), out, indent=2)
        draft.rename(path)
        return account
