"""Servers in the background: started detached, found again by pid file, ended one by one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.stack.places import CHECKOUT, Places, StackError

STOP_GRACE_S = 5.0
POLL_S = 0.05

# Kept so that a server which this very process started is reaped when it ends.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Server:
    """One background server of a stack."""

    name: str
    places: Places

    @property
    def log(self) -> Path:
        return self.places.log / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.places.run / f"{self.name}.pid"

    def pid(self) -> int | None:
        """The running server's process id; None when it does not run (any more)."""
        try:
            noted = json.loads(self._pid_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        pid = int(noted["pid"])
        # A number alone may by now belong to somebody else's process.
        return pid if _started_at(pid) == noted["started"] != "" else None

    def start(self, command: Sequence[str], env: Mapping[str, str], tied: bool) -> None:
        """Starts it with its output in the log; `tied` ends it when this process ends."""
        if tied:
            command = [sys.executable, "-m", "tools.stack.tether", str(os.getpid()), *command]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _CHILDREN[process.pid] = process
        started = _started_at(process.pid)
        self._pid_file.write_text(json.dumps({"pid": process.pid, "started": started}))

    def wait(self, healthy: Callable[[], bool], within_s: float) -> None:
        """Returns once it answers.

        Raises:
            StackError: it ended, or does not answer in time.
        """
        deadline = time.monotonic() + within_s
        while not healthy():
            if self.pid() is None:
                raise StackError(f"{self.name} ended while starting: {self.last_words()}")
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.name} does not answer after {within_s:.0f} s: see {self.log}"
                )
            time.sleep(POLL_S)

    def stop(self) -> bool:
        """Ends it and what it started; False when it was not running."""
        pid = self.pid()
        if pid is not None:
            _end_group(pid)
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def last_words(self) -> str:
        """The last line of its log, with where to read the rest."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        spoken = [line.strip() for line in lines if line.strip()]
        return f"{spoken[-1] if spoken else 'it said nothing'} (see {self.log})"


def _started_at(pid: int) -> str:
    """What tells this process from a later one of the same number; empty when it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        state, started = fields[0], fields[19]
    else:
        shown = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        state, _, started = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def _signal_group(pid: int, number: signal.Signals) -> bool:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end_group(pid: int) -> None:
    """Every server leads a process group of its own: its children end with it."""
    _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_GRACE_S
    while _started_at(pid) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    _signal_group(pid, signal.SIGKILL)
    child = _CHILDREN.pop(pid, None)
    if child is not None:
        child.wait(timeout=STOP_GRACE_S)


def require_free(port: int, variable: str) -> None:
    """Raises StackError when somebody listens on the port already."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise StackError(
                f"port {port} is in use by another program: stop it, or choose another "
                f"port with {variable}"
            )
