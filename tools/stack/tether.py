"""Runs a server that must not outlive a given process: python -m tools.stack.tether PID COMMAND…"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType

POLL_S = 0.5


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> int:
    owner, command = int(sys.argv[1]), sys.argv[2:]
    child = subprocess.Popen(command)

    def end(_number: int, _frame: FrameType | None) -> None:
        child.terminate()

    signal.signal(signal.SIGTERM, end)
    while child.poll() is None:
        if not _exists(owner):
            # The group holds the server and its workers, and this process.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(os.getpgrp(), signal.SIGTERM)
            child.wait(timeout=5)
            return 0
        time.sleep(POLL_S)
    return child.returncode


if __name__ == "__main__":
    raise SystemExit(main())
