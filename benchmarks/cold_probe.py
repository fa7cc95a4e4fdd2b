"""Run by a bare interpreter: starts one function as AWS would, and prints what that took.

`python -I -S cold_probe.py <archive> <module.attribute>`: nothing but the archive and the
standard library is on the path.
"""

import sys
import time

compiled: list[str] = []
"""Files inside the archive that had to be compiled: bytecode was missing or not used."""


def _watch(archive: str) -> None:
    def hook(event: str, arguments: tuple[object, ...]) -> None:
        # Generated classes are compiled too, under names such as <string>.
        if event == "compile" and str(arguments[1]).startswith(archive):
            compiled.append(str(arguments[1]))

    sys.addaudithook(hook)


def main() -> None:
    """Import the handler, as the runtime does before the first event."""
    archive, handler = sys.argv[1:]
    module, attribute = handler.rsplit(".", 1)
    _watch(archive)
    sys.path.insert(0, archive)
    before, started = len(sys.modules), time.process_time_ns()
    found = getattr(__import__(module, fromlist=[attribute]), attribute)
    spent = time.process_time_ns() - started
    loaded = {name: getattr(each, "__file__", None) or "" for name, each in sys.modules.items()}

    import json  # after the count: a handler may not need it

    print(
        json.dumps(
            {
                "callable": callable(found),
                "modules": len(loaded),
                "before": before,
                "milliseconds": spent / 1e6,
                "compiled": compiled,
                "packages": sorted(
                    {
                        name.partition(".")[0]
                        for name, file in loaded.items()
                        if file.startswith(archive)
                    }
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
