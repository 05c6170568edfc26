"""The value type: looking facts up by name and role."""

from nlu.understanding import Entity, Intent, Understanding

RANGE = Understanding(
    text="50到80万，两年",
    intent=Intent("inform", 0.9),
    ranking=(Intent("inform", 0.9),),
    entities=(
        Entity("amount", 500_000, 0, 6, "min"),
        Entity("amount", 800_000, 0, 6, "max"),
        Entity("term_months", 24, 7, 9),
    ),
    source="rasa",
)


def test_first_wants_exactly_the_role() -> None:
    upper = RANGE.first("amount", "max")
    assert upper is not None
    assert upper.value == 800_000
    assert RANGE.first("amount") is None
    assert RANGE.first("region") is None


def test_all_gives_every_role_in_order() -> None:
    assert [entity.role for entity in RANGE.all("amount")] == ["min", "max"]


def test_a_button_is_certain() -> None:
    tapped = Understanding.of_button("ask_rate")
    assert (tapped.intent.name, tapped.intent.confidence, tapped.source) == ("ask_rate", 1.0, "button")


def test_a_point_on_the_map_is_certain() -> None:
    here = Understanding.of_place("江苏省苏州市昆山市", "320583")
    assert (here.intent.name, here.intent.confidence, here.source) == ("inform", 1.0, "place")
    (where,) = here.entities
    assert (where.name, where.value, here.text[where.start : where.end]) == (
        "region",
        "320583",
        "江苏省苏州市昆山市",
    )
