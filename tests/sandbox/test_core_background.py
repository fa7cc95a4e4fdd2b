"""Work in the background and the process itself."""

import asyncio
import logging
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from sandbox.background import Background


def test_dropped_work_never_runs_and_leaves_no_warning():
    ran = []

    async def work():
        ran.append(1)

    async def scene():
        background = Background()
        background.spawn(work())
        background.after(1, work())
        background.drop()
        await background.aclose()

    asyncio.run(scene())
    assert ran == []


def test_work_that_fails_is_logged_and_hurts_nothing_else(caplog):
    ran = []

    async def broken():
        raise RuntimeError("broken on purpose")

    async def work():
        ran.append(1)

    async def scene():
        background = Background()
        background.spawn(broken())
        background.after(1, work())
        await asyncio.sleep(0.03)
        await background.aclose()

    with caplog.at_level(logging.ERROR):
        asyncio.run(scene())
    assert ran == [1]
    (failure,) = caplog.records
    assert repr(failure.exc_info[1]) == "RuntimeError('broken on purpose')"


def test_the_process_starts_answers_and_ends_on_a_signal(eventually):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "--port", str(port)])

    def healthy():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        assert eventually(healthy, 15)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, -signal.SIGTERM}


@pytest.mark.parametrize("arguments", [["--host", "0.0.0.0"], ["--port", "x"]])
def test_an_unusable_setting_ends_the_process_with_a_sentence(arguments):
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("sandbox: ")
    assert "Traceback" not in ended.stderr
