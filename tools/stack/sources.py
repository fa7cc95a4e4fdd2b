"""Tells whether what runs was made from the files as they are now."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tools.stack.places import CHECKOUT

SERVERS = ("tools/embedded_aws", "tools/locks/aws.txt", "sandbox")
APPLICATION = ("app.py", "cdk.json", "pyproject.toml", "uv.lock", "infra", "functions", "graphql")
SHARED = ("shared",)


def _files(paths: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in paths:
        path = CHECKOUT / name
        inside = path.rglob("*") if path.is_dir() else iter([path])
        found += [p for p in inside if p.is_file() and "__pycache__" not in p.parts]
    return sorted(found)


def fingerprint(paths: Iterable[str]) -> str:
    """A hash of names and contents of all files under the given paths of the checkout."""
    digest = hashlib.sha256()
    for file in _files(paths):
        digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def state() -> dict[str, str]:
    """What a running stack depends on, in two parts: a new server or a new deployment."""
    return {"servers": fingerprint(SERVERS), "application": fingerprint(APPLICATION + SHARED)}
