"""The functions' archives as `cdk deploy` makes them, but for the machine that measures."""

import hashlib
import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

from infra import bundling
from infra.stages import ROOT

KEPT = ROOT / ".local" / "archives"
ZIPPED_AT = 315_532_800
"""1980-01-01, the date that the CDK gives to every file of an archive."""


def archive(groups: tuple[str, ...], target: Path) -> Path:
    """Build the archive of these dependency groups in ``target``.

    Its dependencies are installed and compiled once per lock file and then linked; our own
    packages are new each time.

    Raises:
        BundlingFailed: uv is missing, or there are no wheels for this machine.
    """
    shutil.copytree(_dependencies(groups), target, copy_function=_link)
    bundling.add_our_code(target)
    for folder, _, files in os.walk(target):
        for name in files:
            os.utime(Path(folder) / name, (ZIPPED_AT, ZIPPED_AT))
    return target


def in_folder(folder: Path) -> Callable[[tuple[str, ...]], Path]:
    """Builds each archive that is asked for once, inside ``folder``."""
    built: dict[tuple[str, ...], Path] = {}

    def get(groups: tuple[str, ...]) -> Path:
        if groups not in built:
            built[groups] = archive(groups, folder / ("-".join(groups) or "base"))
        return built[groups]

    return get


def size(target: Path) -> int:
    """Bytes of all files, as AWS counts them against its limit for an unzipped archive."""
    return sum(file.stat().st_size for file in target.rglob("*") if file.is_file())


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the folder is on another disk
        shutil.copyfile(source, target)


def _machine() -> str:
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return f"{'aarch64' if arm else 'x86_64'}-manylinux_2_28"


def _dependencies(groups: tuple[str, ...]) -> Path:
    recipe = (ROOT / "uv.lock", *bundling.RECIPE)
    parts = [_machine(), *groups, *(file.read_text() for file in recipe)]
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    kept = KEPT / f"{'-'.join(groups) or 'base'}-{name}"
    if not kept.exists():
        unfinished = KEPT / f"unfinished-{os.getpid()}-{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        bundling.add_dependencies(groups, unfinished, _machine())
        for old in KEPT.glob(f"{'-'.join(groups) or 'base'}-????????????????"):
            shutil.rmtree(old, ignore_errors=True)
        try:
            unfinished.rename(kept)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return kept
