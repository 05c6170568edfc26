"""What Prometheus hears of the reading of messages."""

from prometheus_client import REGISTRY

from bot.embedded import ports
from nlu.client import RasaClient


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_is_remembered_counts_as_a_hit(rasa_url: str) -> None:
    before = [value("rongqiao_nlu_cache_total", result=result) for result in ("miss", "hit")]
    client = RasaClient([rasa_url], timeout=30)
    try:
        for _ in range(3):
            await client.understand("我想贷款八十万")
    finally:
        await client.aclose()
    after = [value("rongqiao_nlu_cache_total", result=result) for result in ("miss", "hit")]
    assert after == [before[0] + 1, before[1] + 2]
    server = rasa_url.removeprefix("http://")
    assert value("rongqiao_nlu_breaker_open", server=server) == 0


async def test_a_server_that_is_left_alone() -> None:
    server = f"127.0.0.1:{ports.any_free()}"
    client = RasaClient([f"http://{server}"])
    try:
        for text in ("一", "二", "三", "四"):
            await client.understand(text)
    finally:
        await client.aclose()
    assert value("rongqiao_nlu_breaker_open", server=server) == 1
