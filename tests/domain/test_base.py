"""What others state: points in time that can be reckoned with, texts that both databases keep."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.base import Moment, Value


class Stated(Value):
    """A record with something of each."""

    at: Moment | None = None
    anything: Any = None
    reasons: dict[str, str] | None = None


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


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("depth", [0, 1, 5000])
def test_what_postgresql_does_not_keep_is_found_however_deep(bad: str, depth: int) -> None:
    whole: dict[str, Any] = {"good": "好", "last": bad}
    for _ in range(depth):
        whole = {"inner": [whole, 1]}
    with pytest.raises(ValidationError) as refused:
        Stated.model_validate({"anything": whole})
    assert [error["loc"] for error in refused.value.errors()] == [("anything",)]
    for reasons in ({"A1": bad}, {bad: "A1"}):
        with pytest.raises(ValidationError, match="reasons"):
            Stated.model_validate({"reasons": reasons})
    assert Stated.model_validate({"reasons": {"A1": "好"}, "anything": ["\n", {}]}).reasons == {"A1": "好"}
