"""Runs a command that dies with its parent: `python leash.py PARENT_PID COMMAND…`.

The kernel sends the signal (`PR_SET_PDEATHSIG`), so it works after `kill -9` of the parent too. It stands
in a program of its own because code between fork and exec (`preexec_fn`) is unsafe with threads. The kernel
watches the *thread* that forked: start children from the event loop's thread, which lives longest.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent died before the leash was on: nobody would ever send the signal.
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the very purpose: no shell between
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
