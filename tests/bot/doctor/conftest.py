"""A whole service for the doctor to look at, once for all tests that leave it as it is."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.house import House, house


@pytest.fixture(scope="session")
async def well(tmp_path_factory: pytest.TempPathFactory, rasa_url: str) -> AsyncIterator[House]:
    """Open, with a menu, and with the sandbox on, so that an address of this machine is no fault."""
    sections = {"sandbox": {"enabled": True}, "catalogue": {"seed": False}}
    async with (
        house(tmp_path_factory.mktemp("well"), nlu_url=rasa_url, **sections) as home,
        home.open(),
    ):
        home.fake.menu = {"button": [{"type": "click", "name": "我要融资", "key": "apply_financing"}]}
        yield home
