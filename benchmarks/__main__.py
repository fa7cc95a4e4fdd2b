"""`python -m benchmarks [operations|storm|webhooks|edge …]`: the tables of docs/performance.md.

Without a name all of them, one after the other. They want the machine for themselves.
"""

import sys
from importlib import import_module

ALL = (
    *("operations", "storm", "webhooks", "edge", "hostile"),
    *("rebalance", "valuation", "projection", "sweep", "cold", "load"),
)


def main() -> int:
    """Run what is named; 2 for a name that is none."""
    wanted = [name for name in sys.argv[1:] if not name.startswith("--")] or list(ALL)
    unknown = set(wanted) - set(ALL)
    if unknown:
        print(f"{', '.join(sorted(unknown))}: choose among {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n## {name}\n", flush=True)
        import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
