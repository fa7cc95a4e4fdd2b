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
        build_app(config),
        host=config.host,
        port=config.port,
        log_level="warning",
        ws="none",
        # Held connections and event streams would keep the process for their whole length.
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
