"""Installs everything a fresh clone needs; run it with any Python from 3.9: python3 tools/setup.py.

Needs Python with pip and venv, git and make; everything else goes into .venv and .local.
Each step remembers a hash of what it installed from, so a second run only compares hashes.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
LOCKS = ROOT / "tools" / "locks"
STAMPS = LOCAL / "stamps"
LOG = LOCAL / "log" / "setup.log"
UV_OLDEST = (0, 9)
PYTHON = "3.13"
BIN = "bin"


class SetupError(Exception):
    """Something is missing; the text is one line that says what to do about it."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def environment() -> dict[str, str]:
    """The caller's variables without those that would send an installer elsewhere."""
    unwanted = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {
        **kept,
        "UV_COMPILE_BYTECODE": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def run(command: Sequence[object], mend: str, **extra: str) -> None:
    """Runs a command with its output in the log; when it fails, shows the end and the mend."""
    argv = [str(part) for part in command]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        log.write(("$ " + " ".join(argv) + "\n").encode())
        log.flush()
        env = {**environment(), **extra}
        try:
            code = subprocess.run(argv, cwd=ROOT, env=env, stdout=log, stderr=log).returncode
        except OSError as error:
            log.write(f"{error}\n".encode())
            code = 1
    if code:
        for line in LOG.read_text(errors="replace").splitlines()[-8:]:
            say(f"  {line}")
        raise SetupError(f"{mend} (all of it: {LOG})")


def output(command: Sequence[object]) -> str:
    """What a command prints, or an empty text when it cannot be run."""
    try:
        done = subprocess.run(
            [str(part) for part in command], env=environment(), capture_output=True, text=True
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def fingerprint(*parts: object) -> str:
    """Hash of files (by content) and of plain words."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def step(name: str, proof: Path, wanted: str, install: Callable[[], None]) -> None:
    """Installs unless the stamp says that this very state is in place and its proof exists."""
    stamp = STAMPS / name
    if proof.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    say(f"{name} ...")
    stamp.unlink(missing_ok=True)
    install()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    say(f"{name} done in {time.monotonic() - started:.1f} s")


def version_of(uv: object) -> tuple[int, ...]:
    words = output([uv, "--version"]).split()
    try:
        return tuple(int(part) for part in words[1].split("."))
    except (IndexError, ValueError):
        return ()


def find_uv() -> Path:
    """A uv that is new enough for the lock file: the system's, else one of our own."""
    found = shutil.which("uv")
    if found and version_of(found) >= UV_OLDEST:
        return Path(found)
    own = LOCAL / "uv"
    lock = LOCKS / "uv.txt"

    def install() -> None:
        shutil.rmtree(own, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", own],
            "install Python's venv and pip (on Debian: apt-get install python3-venv)",
        )
        run(
            [own / BIN / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", lock],
            "pip could not fetch uv: check the network and pip's settings",
        )

    step("uv", own / BIN / "uv", fingerprint(lock, sys.version), install)
    return own / BIN / "uv"


def pyenv_pythons() -> Iterator[str]:
    """Interpreters that pyenv keeps: its shims name no version until one is chosen."""
    roots = [os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]
    roots += [
        str(Path(p).parent)
        for p in os.environ.get("PATH", "").split(os.pathsep)
        if p.endswith("shims")
    ]
    for root in filter(None, roots):
        yield from sorted(glob.glob(f"{root}/versions/{PYTHON}.*/bin/python3"), reverse=True)


def find_python(uv: Path) -> Path:
    """A Python 3.13: the system's, pyenv's, or one that uv fetches."""
    current = ROOT / ".venv" / BIN / "python"
    if output([current, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) == PYTHON:
        return current.resolve()
    found = output([uv, "python", "find", "--system", PYTHON]) or next(pyenv_pythons(), "")
    if found:
        return Path(found)
    say(f"Python {PYTHON} is not on this machine; uv fetches it ...")
    mend = (
        f"install Python {PYTHON} (python.org, pyenv, Homebrew or your package manager) and repeat"
    )
    run([uv, "python", "install", PYTHON], mend, UV_PYTHON_DOWNLOADS="automatic")
    return Path(output([uv, "python", "find", "--system", PYTHON]))


def tool_venv(uv: Path, python: Path, name: str) -> Path:
    """An environment of its own from tools/locks/<name>.txt, beside the project's."""
    home, lock = LOCAL / name, LOCKS / f"{name}.txt"

    def install() -> None:
        shutil.rmtree(home, ignore_errors=True)
        run(
            [uv, "venv", "-q", "--python", python, home],
            "Python cannot make environments: reinstall it",
        )
        run(
            [uv, "pip", "install", "-q", "--require-hashes", "-r", lock, "--python", home],
            "the package index could not be reached: check the network and repeat",
        )

    step(name, home / BIN / "python", fingerprint(lock, python), install)
    return home


def cdk(node: Path) -> None:
    """The CDK command line from tools/cdk/package-lock.json."""
    home, source = LOCAL / "cdk", ROOT / "tools" / "cdk"
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    files = [source / "package.json", source / "package-lock.json"]

    def install() -> None:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for file in files:
            shutil.copy(file, home)
        run(
            [node / BIN / "npm", "ci", "--prefix", home, "--ignore-scripts", *quiet],
            "npm could not fetch the CDK: check the network and npm's settings",
            PATH=f"{node / BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        )

    step("cdk", home / "node_modules" / ".bin" / "cdk", fingerprint(*files), install)


def project(uv: Path, python: Path) -> None:
    """The project's own environment, exactly as locked."""
    locks = [ROOT / "pyproject.toml", ROOT / "uv.lock", ROOT / ".python-version"]

    def install() -> None:
        mend = "the package index could not be reached, or uv.lock is stale (run `uv lock`)"
        run([uv, "sync", "-q", "--frozen", "--python", python], mend)

    step("project", ROOT / ".venv" / BIN / "pytest", fingerprint(*locks, python), install)


def main() -> int:
    try:
        for tool in ("git", "make"):
            if not shutil.which(tool):
                raise SetupError(f"{tool} is missing: install it with your package manager")
        uv = find_uv()
        python = find_python(uv)
        project(uv, python)
        tool_venv(uv, python, "aws")
        cdk(tool_venv(uv, python, "node"))
    except SetupError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
