"""Items that are read when looked at are the same as those read at once, here and in another process."""

import pickle

from domain.products import Product
from matching.goods import Goods
from tests.matching.items import EQUIPMENT, EXPORT, TURNOVER, product

ITEMS = [product(fields) for fields in (EQUIPMENT, EXPORT, TURNOVER)]
LINES = [item.model_dump_json(exclude_defaults=True) for item in ITEMS]


def test_they_are_read_as_they_were_written() -> None:
    goods = Goods(Product, LINES)
    assert list(goods) == ITEMS
    assert (goods[0], goods[-1], list(goods[1:])) == (ITEMS[0], ITEMS[-1], ITEMS[1:])
    assert goods[1] is goods[1]
    assert len(goods) == 3


def test_they_travel_as_lines() -> None:
    goods = pickle.loads(pickle.dumps(Goods(Product, LINES).at_hand(), protocol=5))  # noqa: S301 - just written
    assert goods._read == {}
    assert list(goods) == ITEMS


def test_of_many_the_latest_stay_at_hand() -> None:
    goods = Goods(Product, LINES[:1] * 5000)
    first = goods[0]
    assert goods[0] is first
    assert sum(1 for _ in goods) == 5000
    assert len(goods._read) < 5000
    assert goods[0] is not first
