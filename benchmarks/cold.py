"""Cold starts: what each function loads and compiles before its first event, and for how long."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.archives import in_folder, size
from infra.functions import FUNCTIONS
from infra.model import Function
from infra.stages import ROOT

BUDGETS = ROOT / "tests" / "budgets" / "cold_start.json"
SLACK = 10
"""By how many modules a function may grow before its budget is looked at again."""
OURS = frozenset({"functions", "graphql_api", "shared"})
PROBE = Path(__file__).with_name("cold_probe.py")
ROUNDS = 9
BARE = "bare_handler.handler"
BARE_SOURCE = "def handler(event, context):\n    return {}\n"


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a function in a process of its own."""

    modules: int
    """All that are loaded afterwards, the interpreter's own included."""
    milliseconds: float
    """CPU time of importing the handler."""
    compiled: tuple[str, ...]
    """Files in the archive that were compiled or parsed, relative to it: bytecode was no use."""
    packages: frozenset[str]
    """Top-level names that came out of the archive."""


def start(archive: Path, handler: str, environment: Mapping[str, str]) -> Start:
    """Start a function from its archive alone: no other package is on the path.

    Raises:
        RuntimeError: it cannot be imported; the text is the end of the traceback.
    """
    done = subprocess.run(
        # The interpreter behind a virtual environment; -I and -S keep its packages out.
        [getattr(sys, "_base_executable", sys.executable), "-I", "-S", PROBE, archive, handler],
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{handler}: {done.stderr[-500:]}")
    seen = json.loads(done.stdout)
    return Start(
        modules=seen["modules"],
        milliseconds=seen["milliseconds"],
        compiled=tuple(str(Path(file).relative_to(archive)) for file in seen["compiled"]),
        packages=frozenset(seen["packages"]),
    )


def environment_of(function: Function) -> dict[str, str]:
    """What a function needs to start: its settings with made-up values, and a region."""
    made_up: Mapping[object, str] = {bool: "true", int: "1"}
    values = {
        # Tables of limits and accounts are JSON that some functions read when they start.
        name.upper(): "{}"
        if name.endswith(("_limits", "_accounts"))
        else made_up.get(field.annotation, "http://127.0.0.1:1")
        for name, field in function.settings.model_fields.items()
        if field.is_required()
    }
    return values | {"CELL": "b1", "AWS_DEFAULT_REGION": "us-east-1"}


def bare(folder: Path) -> Start:
    """A handler that imports nothing."""
    (folder / "bare_handler.py").write_text(BARE_SOURCE)
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)
    return start(folder, BARE, {})


def measure(function: Function, archive: Path) -> Start:
    """The start of median CPU time."""
    given = environment_of(function)
    starts = [start(archive, function.handler, given) for _ in range(ROUNDS)]
    middle = median(each.milliseconds for each in starts)
    return next(each for each in starts if each.milliseconds == middle)


def table(archive: Callable[[tuple[str, ...]], Path], folder: Path) -> None:
    """All functions beside a bare handler."""
    nothing = bare(folder)
    print("| function | modules | CPU ms | archive MB |\n|---|---|---|---|")
    print(f"| *a bare handler* | {nothing.modules} | {nothing.milliseconds:.1f} | 0 |")
    for function in FUNCTIONS:
        target = archive(function.groups)
        seen = measure(function, target)
        print(
            f"| {function.name} | {seen.modules} | {seen.milliseconds:.0f} "
            f"| {size(target) / 1e6:.0f} |"
        )


def write_budgets(archive: Callable[[tuple[str, ...]], Path], names: Collection[str] = ()) -> None:
    """Make what functions load today their budget: of all, or only of those with these names."""
    known = json.loads(BUDGETS.read_text()) if names else {}
    for function in FUNCTIONS:
        if names and function.name not in names:
            continue
        seen = start(archive(function.groups), function.handler, environment_of(function))
        packages = sorted(seen.packages - OURS)
        known[function.name] = {"modules": seen.modules + SLACK, "packages": packages}
    lines = [
        f"  {json.dumps(each.name)}: {json.dumps(known[each.name])}"
        for each in FUNCTIONS
        if each.name in known
    ]
    BUDGETS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    """Print the table; with ``--budgets`` write the budgets instead, with ``--budgets=a,b`` of
    these functions alone."""
    asked = next((each for each in sys.argv if each.startswith("--budgets")), None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = in_folder(folder)
        if asked is not None:
            write_budgets(archive, list(filter(None, asked.partition("=")[2].split(","))))
            return
        empty = folder / "bare"
        empty.mkdir()
        table(archive, empty)


if __name__ == "__main__":
    main()
