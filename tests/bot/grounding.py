"""Processes that do at once what each of the service does first: migrate, and fill an empty catalogue.

`python -m tests.bot.grounding URL COUNT` ends with 0 when all of them did.
"""

import asyncio
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier

from bot import schema
from bot.catalogue import seed
from domain.secrets import Cipher, decode_key, new_key
from tests.domain.databases import opened


async def ground(url: str) -> None:
    async with opened(url) as database:
        await schema.migrate(database)
        await seed(database, Cipher(decode_key(new_key())))


def begin(url: str, together: Barrier) -> None:
    together.wait()
    asyncio.run(ground(url))


def main(url: str, count: int) -> int:
    # Forked: the imports are done, so that all begin within the same millisecond.
    context = multiprocessing.get_context("fork")
    together = context.Barrier(count)
    processes = [context.Process(target=begin, args=(url, together)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return sum(process.exitcode != 0 for process in processes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
