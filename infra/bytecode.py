"""Bytecode of an archive's modules, compiled once for all archives that hold the same ones."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from infra.stages import ROOT

KEPT = ROOT / ".local" / "bytecode"
KEPT_MAX = 60_000
"""Files: with more, all of them are thrown away. One lock file's are some 12,000."""
ON_AWS = "/var/task"
"""Where an archive lies there: tracebacks show it."""


def compile_into(
    target: Path, inside: str, run: Callable[..., str], kept: Path | None = None
) -> None:
    """Compiles the modules of ``target``, or of a folder inside of it, where nothing is known of
    them yet; ``run`` runs a command and raises when it fails.

    What a module's bytecode is made of, its text, its path and the interpreter, names it.
    """
    kept = kept or KEPT
    _thin_out(kept)
    modules = sorted((target / inside).rglob("*.py"))
    known = {source: kept / _name(target, source) for source in modules}
    missing = [source for source, made in known.items() if not _link(made, _compiled(source))]
    if not missing:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("\n".join(map(str, missing)))
        names.flush()
        # Only a folder is compiled by several processes.
        whole = 2 * len(missing) > len(known)
        # The archive's files get a fixed date, which makes bytecode of the usual kind look stale:
        # it would be compiled again at every cold start.
        run(
            *(sys.executable, "-m", "compileall", "-q", "-j", "0"),
            *("--invalidation-mode", "unchecked-hash", "-s", str(target), "-p", ON_AWS),
            *((str(target / inside),) if whole else ("-i", names.name)),
        )
    for source in missing:
        _keep(_compiled(source), known[source])


def _name(target: Path, source: Path) -> Path:
    digest = hashlib.sha256(f"{sys.version}\0{source.relative_to(target)}\0".encode())
    digest.update(source.read_bytes())
    name = digest.hexdigest()
    return Path(name[:2]) / name[2:]


def _compiled(source: Path) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"


def _link(made: Path, target: Path) -> bool:
    """Whether it was there."""
    if not made.exists():
        return False
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(made, target)
    except OSError:  # another disk
        shutil.copyfile(made, target)
    return True


def _keep(compiled: Path, made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    if not made.exists():
        # Several may make the same at the same time: it is whole or not there.
        unfinished = made.with_name(f"{made.name}.{os.getpid()}")
        shutil.copyfile(compiled, unfinished)
        unfinished.rename(made)


def _thin_out(kept: Path) -> None:
    if sum(len(files) for _, _, files in os.walk(kept)) > KEPT_MAX:
        shutil.rmtree(kept, ignore_errors=True)
