"""Provinces, cities and districts to choose from, one list after the other."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from domain import regions

_COUNTRY = ""


class Place(NamedTuple):
    """A choice of a list: its code, and its name without what contains it."""

    code: str
    name: str


@cache
def provinces() -> tuple[Place, ...]:
    return tuple(_places((f"{number:02}0000" for number in range(10, 100)), _COUNTRY))


def cities(province: str) -> tuple[Place, ...]:
    """The cities of a province, and what lies directly under it: districts of Beijing, 仙桃市 in Hubei."""
    return _cities(province) if regions.exists(province) and province.endswith("0000") else ()


def districts(city: str) -> tuple[Place, ...]:
    """Empty for cities without any, such as 东莞, and for what is a district itself."""
    return _districts(city) if regions.exists(city) and regions.prefix(city) == city[:4] else ()


# Kept for real places alone: what browsers send is without end.
@cache
def _cities(province: str) -> tuple[Place, ...]:
    found: list[Place] = []
    for number in range(1, 100):
        city = f"{province[:2]}{number:02}00"
        found += _places([city], province) if regions.exists(city) else _below(city, province)
    return tuple(found)


@cache
def _districts(city: str) -> tuple[Place, ...]:
    return tuple(_below(city, city))


def parts_of(code: str) -> dict[str, str]:
    """What has to be chosen in each of the three lists to arrive at that place."""
    province, city = f"{code[:2]}0000", f"{code[:4]}00"
    if not regions.exists(city):
        city = code
    return {"province": province, "city": city, "district": code if code != city else ""}


def _below(city: str, parent: str) -> list[Place]:
    return _places((f"{city[:4]}{number:02}" for number in range(1, 100)), parent)


def _places(codes: Iterable[str], parent: str) -> list[Place]:
    prefix = regions.region_name(parent) if parent else ""
    return [
        Place(code, regions.region_name(code).removeprefix(prefix)) for code in codes if regions.exists(code)
    ]
