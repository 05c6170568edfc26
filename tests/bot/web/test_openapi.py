"""The description that the API gives of itself."""

from openapi_spec_validator import validate

from bot.web.api.app import api_app
from bot.web.api.openapi import description
from tests.bot.web.conftest import Api


def test_it_is_valid_openapi() -> None:
    validate(description())


def test_every_route_is_described_and_nothing_else() -> None:
    described = {
        (method.upper(), path) for path, methods in description()["paths"].items() for method in methods
    }
    served = set()
    for route in api_app().router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            served.add((route.method, route.resource.canonical))
    assert described == served


async def test_it_is_open_to_everybody(api: Api) -> None:
    async with api.client.get("/api/v1/openapi.json") as response:
        assert response.status == 200
        assert (await response.json())["openapi"] == "3.1.0"
