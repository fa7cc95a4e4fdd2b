"""Starts the sandbox: `python -m sandbox [--port 4580] …`."""

import sys

import uvicorn

from sandbox.app import build_app
from sandbox.config import InvalidConfig, from_command_line


def main() -> None:
    """Serves until it is stopped."""
    try:
        config = from_command_line(sys.argv[1:])
    except InvalidConfig as error:
        sys.exit(f"sandbox: {error}")
    uvicorn.run(
        build_app(config), host=config.host, port=config.port, log_level="warning", ws="none"
    )


if __name__ == "__main__":
    main()
