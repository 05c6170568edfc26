"""What others state: points in time that can be reckoned with, texts that both databases keep."""

from typing import Any

import pytest
from pydantic import Field, ValidationError

from domain.base import Moment, StorableText, Value


class Stated(Value):
    """A record with a point in time."""

    at: Moment | None = None


@pytest.mark.parametrize("at", ["1900-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00"])
def test_a_moment_within_the_years(at: str) -> None:
    assert Stated.model_validate({"at": at}).at is not None


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T00:00:00Z", "2026-11-23T12:00:00"],
)
def test_a_moment_that_is_none_is_refused_by_name(at: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Stated.model_validate({"at": at})
    assert [error["loc"] for error in refused.value.errors()] == [("at",)]


class Inner(Value):
    text: str


class Outer(Value):
    """A record with texts in all places."""

    text: str = ""
    texts: tuple[str, ...] = ()
    inner: tuple[Inner, ...] = ()
    reasons: dict[str, StorableText] = Field(default_factory=dict)


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("kind", ["text", "texts", "inner", "reasons"])
def test_what_postgresql_does_not_keep_is_refused_by_name(kind: str, bad: str) -> None:
    """`told` is where it stands in what was sent."""
    given: dict[str, tuple[Any, tuple[str | int, ...]]] = {
        "text": (bad, ("text",)),
        "texts": (["好", bad], ("texts",)),
        "inner": ([{"text": "好"}, {"text": bad}], ("inner", 1, "text")),
        "reasons": ({"A1": bad}, ("reasons", "A1")),
    }
    value, told = given[kind]
    with pytest.raises(ValidationError) as refused:
        Outer.model_validate({kind: value})
    assert [(error["type"], error["loc"]) for error in refused.value.errors()] == [("string_unicode", told)]
