"""WeRoBot's bare echo, encrypted, without sessions: it stores nothing.

Served as its documentation says for production: `robot.run` with the name of a server that is installed.

Run as `python -m bench.callbacks.candidates.werobot_echo ACCOUNT_FILE PORT SERVER`.
"""

import logging
import sys
from pathlib import Path
from typing import Any

from werobot import WeRoBot

from bot.sandbox.account import SandboxAccount


def echo_robot(account: SandboxAccount) -> WeRoBot:
    robot = WeRoBot(
        token=account.token,
        app_id=account.app_id,
        encoding_aes_key=account.encoding_aes_key,
        SESSION_STORAGE=False,
    )

    def words(message: Any) -> str:
        return str(message.content)

    def key(message: Any) -> str:
        return str(message.key)

    robot.add_handler(words, type="text")
    robot.add_handler(key, type="click_event")
    return robot


def main() -> None:
    account, port, server = SandboxAccount.load_or_create(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    # Waitress warns of every request that waits for one of its four threads.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    echo_robot(account).run(server=server, host="127.0.0.1", port=port, enable_pretty_logging=False)


if __name__ == "__main__":
    main()
