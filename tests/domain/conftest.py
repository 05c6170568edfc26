import pytest

from domain.secrets import Cipher, decode_key, new_key


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(decode_key(new_key()))
