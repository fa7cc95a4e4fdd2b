"""What is inside a function's archive: our packages, locked dependencies, bytecode."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra import botocore_data, bytecode
from infra.stages import ROOT, Stage

PACKAGES = {"functions": "functions", "graphql_api": "graphql/graphql_api", "shared": "shared"}
"""By their name inside the archive: where our packages lie."""
FILES = {"graphql_api/persisted.json": "graphql/persisted.json"}
"""Single files of ours that lie elsewhere in an archive than here."""
PYTHON = (3, 13)
MACHINE = "aarch64-manylinux_2_28"
"""What the functions run on, in uv's words."""
RUNTIME = lambda_.Runtime.PYTHON_3_13
RECIPE = tuple(Path(each) for each in (__file__, botocore_data.__file__, bytecode.__file__))
"""What decides how an archive is made."""
NEVER_IMPORTED = ("bin", "share", "include")
"""What wheels put beside their packages for people, not for programs."""


class BundlingFailed(Exception):
    """An archive cannot be made; the text says why."""


def code(groups: tuple[str, ...], stage: Stage) -> lambda_.Code:
    """The archive of all functions that need these dependency groups.

    Only our own code when the stage does not bundle: the local stage runs functions on the
    project's environment, and whoever only looks at templates needs no dependencies.
    """
    whole = stage.on_aws and stage.bundle
    return lambda_.Code.from_asset(
        str(ROOT),
        asset_hash=_hash_of(groups if whole else ("code only",)),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            image=DockerImage.from_registry("scratch"),  # never used: it has to be given
            local=_Bundle(groups if whole else None),
        ),
    )


@jsii.implements(ILocalBundling)
class _Bundle:
    """Fills an archive without a container. ``groups`` None means our code only."""

    def __init__(self, groups: tuple[str, ...] | None) -> None:
        self._groups = groups

    def try_bundle(self, output_dir: str, options: Any = None, **_ignored: Any) -> bool:
        """Called when no archive with this hash exists yet."""
        target = Path(output_dir)
        if self._groups is not None:
            add_dependencies(self._groups, target)
        add_our_code(target)
        return True


def add_dependencies(groups: Iterable[str], target: Path, machine: str = MACHINE) -> None:
    """Puts what functions of these groups import from others into ``target``, compiled."""
    install_dependencies(groups, target, machine)
    strip(target)
    botocore_data.thin_out(target / "botocore" / "data")
    compile_bytecode(target)


def add_our_code(target: Path) -> None:
    """Puts our packages into ``target``, compiled."""
    for name, source in PACKAGES.items():
        shutil.copytree(ROOT / source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        compile_bytecode(target, name)
    for name, source in FILES.items():
        shutil.copyfile(ROOT / source, target / name)


def install_dependencies(groups: Iterable[str], target: Path, machine: str = MACHINE) -> None:
    """Puts the locked wheels for a machine into ``target``, each checked against its hash."""
    requirements = target / "requirements.txt"
    chosen = [argument for group in groups for argument in ("--group", group)]
    export = ["export", "--frozen", "--no-default-groups", "--no-emit-project", *chosen]
    requirements.write_text(_uv(*export, "--format", "requirements.txt"))
    _uv(
        *("pip", "install", "--target", str(target), "--requirement", str(requirements)),
        *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
        # What is linked is uv's own cache, and some of it is rewritten here.
        *("--link-mode", "copy"),
        *("--python-platform", machine, "--python-version", ".".join(map(str, PYTHON))),
    )
    requirements.unlink()


def strip(target: Path) -> None:
    """Removes what no function imports, and what differs from one run to the next."""
    for name in NEVER_IMPORTED:
        shutil.rmtree(target / name, ignore_errors=True)
    for folder in [*target.rglob("tests"), *target.rglob("__pycache__")]:
        shutil.rmtree(folder, ignore_errors=True)
    for record in [
        *target.rglob("*.dist-info/RECORD"),
        *target.rglob("*.dist-info/direct_url.json"),
    ]:
        record.unlink()
    (target / ".lock").unlink(missing_ok=True)


def compile_bytecode(target: Path, inside: str = "") -> None:
    """Compiles an archive, or a folder inside of it, so that the bytecode is used as it is.

    Raises:
        BundlingFailed: this is another Python than the functions run on.
    """
    if sys.version_info[:2] != PYTHON:
        raise BundlingFailed(f"bytecode needs Python {PYTHON[0]}.{PYTHON[1]}: run `uv sync`")
    bytecode.compile_into(target, inside, _run)


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256()
    for source in ("uv.lock", *PACKAGES.values(), *FILES.values()):
        path = ROOT / source
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _hash_of(groups: Iterable[str]) -> str:
    parts = (_sources_digest(), *(file.read_text() for file in RECIPE), *groups)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _uv(*arguments: str) -> str:
    beside = ROOT / ".local" / "uv" / "bin" / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise BundlingFailed("uv is missing: run `make setup`")
    return _run(uv, *arguments)


def _run(*command: str) -> str:
    done = subprocess.run(  # noqa: S603 - arguments are ours
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-500:]
        raise BundlingFailed(f"{Path(command[0]).name} {command[1]} failed: {told}")
    return done.stdout
