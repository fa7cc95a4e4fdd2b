"""What needs packages that only the group market-data installs is collected where it is there."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("skfolio") else ["test_estimates.py"]
