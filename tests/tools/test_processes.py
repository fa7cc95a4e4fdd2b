"""Background servers are found again, and exactly they are ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.stack.places import CHECKOUT, Places, StackError
from tools.stack.processes import Server, require_free

PARENT_WITH_CHILD = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    places = Places(tmp_path)
    places.prepare()
    return Server("thing", places)


def _start(server: Server, source: str, tied: bool = False) -> None:
    server.start([sys.executable, "-c", source], os.environ, tied)


def _eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_server_is_ended_together_with_what_it_started(server: Server) -> None:
    _start(server, PARENT_WITH_CHILD)
    server.wait(lambda: bool(server.log.read_text()), 10)
    child, pid = int(server.log.read_text()), server.pid()

    assert server.stop() is True

    assert pid is not None
    assert _eventually(lambda: not _runs(pid))
    assert _eventually(lambda: not _runs(child))
    assert server.pid() is None


def test_a_server_that_ignores_the_polite_signal_is_ended_all_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.stack.processes.STOP_GRACE_S", 0.1)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    _start(server, f"{deaf}; time.sleep(60)")
    server.wait(lambda: bool(server.log.read_text()), 10)
    pid = server.pid()
    monkeypatch.setattr("tools.stack.processes.STOP_GRACE_S", 0.2)

    server.stop()

    assert pid is not None
    assert _eventually(lambda: not _runs(pid))


def test_a_stranger_with_the_noted_number_is_left_alone(server: Server) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    noted = {"pid": stranger.pid, "started": "another time"}
    (server.places.run / "thing.pid").write_text(json.dumps(noted))
    try:
        assert server.pid() is None
        assert server.stop() is False
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_torn_pid_file_means_that_nothing_runs(server: Server) -> None:
    (server.places.run / "thing.pid").write_text('{"pid": 1')

    assert server.pid() is None
    assert server.stop() is False


def test_a_server_that_ends_while_starting_is_quoted(server: Server) -> None:
    _start(server, "import sys; sys.exit('no licence')")

    with pytest.raises(StackError, match=r"thing ended while starting: no licence \(see .*log\)"):
        server.wait(lambda: False, 10)


def test_a_server_that_never_answers_is_not_waited_for_for_ever(server: Server) -> None:
    _start(server, "import time; time.sleep(60)")

    with pytest.raises(StackError, match="thing does not answer"):
        server.wait(lambda: False, 0.1)

    server.stop()


def test_a_tied_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner_source = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from tools.stack.places import Places\n"
        "from tools.stack.processes import Server\n"
        f"places = Places(Path({str(tmp_path)!r})); places.prepare()\n"
        f"command = [sys.executable, '-c', {PARENT_WITH_CHILD!r}]\n"
        "Server('thing', places).start(command, os.environ, True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", owner_source], cwd=CHECKOUT)
    log = tmp_path / "log" / "thing.log"
    assert _eventually(lambda: log.exists() and bool(log.read_text()))
    child = int(log.read_text())

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    assert _eventually(lambda: not _runs(child))
    assert _eventually(lambda: Server("thing", Places(tmp_path)).pid() is None)


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port} is in use .* with SOME_PORT"):
            require_free(port, "SOME_PORT")

    require_free(port, "SOME_PORT")
