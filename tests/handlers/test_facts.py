"""What is taken over of an understanding, and what is not."""

from handlers import facts
from nlu.understanding import Entity, Intent, Understanding


def heard(*entities: tuple[str, str | int]) -> facts.Heard:
    inform = Intent("inform", 0.9)
    found = tuple(Entity(name, value, 0, 2) for name, value in entities)
    return facts.hear(Understanding("原话", inform, (inform,), found, "rasa"))


def test_values_that_are_no_labels_of_ours_are_left_out() -> None:
    """A model of another release may name what this one does not know: the turn must not fail for it."""
    strange = heard(
        ("region", "昆山"),
        ("guarantee", "房子"),
        ("industry", "XX"),
        ("purpose", "spaceship"),
        ("collateral", "猫"),
    )
    assert strange.need == {}
    assert strange.fields == frozenset()


def test_what_is_known_beside_it_is_kept() -> None:
    mixed = heard(
        ("guarantee", "房子"), ("guarantee", "mortgage"), ("region", "320583"), ("region", "999999")
    )
    assert mixed.need == {"guarantee": ("mortgage",), "region": "320583"}
