"""Command line of the local stack.

python -m tools.stack up | down | status | deploy | logs
python -m tools.stack with -- COMMAND …    (on a stack that is taken down again if it was started)
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tools.stack import Ports, Stack, StackError
from tools.stack.places import CHECKOUT, TOOLS

LOG_LINES = 60


def _show(stack: Stack) -> None:
    endpoints = stack.endpoints
    print(f"graphql   {endpoints.graphql}")
    print(f"session   {endpoints.session}")
    print(f"webhooks  {endpoints.webhooks}")
    print(f"sandbox   {endpoints.sandbox}")
    print(f"aws       {endpoints.aws}")
    print(f"all of it {stack.places.endpoints}")


def _say(text: str) -> None:
    # Flushed, because a command that runs on the stack prints to the same place after this.
    print(f"stack: {text}", flush=True)


def up(stack: Stack) -> int:
    started = time.monotonic()
    stack.up()
    _say(f"up after {time.monotonic() - started:.1f} s")
    _show(stack)
    sys.stdout.flush()
    return 0


def down(stack: Stack) -> int:
    print("stack: down" if stack.down() else "stack: was not up")
    return 0


def status(stack: Stack) -> int:
    """0 when everything answers, 3 when not (as service managers do)."""
    for server in (stack.servers.aws, stack.servers.sandbox):
        pid = server.pid()
        print(f"{server.name:8}  {'not running' if pid is None else f'pid {pid}'}")
    if not stack.running():
        print("stack: not up (make up)")
        return 3
    _show(stack)
    return 0


def deploy(stack: Stack) -> int:
    started = time.monotonic()
    stack.deploy()
    print(f"stack: deployed in {time.monotonic() - started:.1f} s")
    return 0


def with_stack(stack: Stack, command: Sequence[str]) -> int:
    """Runs a command while the stack is up; what ran before goes on running after."""
    if not command:
        raise StackError("name a command: python -m tools.stack with -- COMMAND …")
    ran_before = stack.running()
    up(stack)
    try:
        return subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    finally:
        if not ran_before:
            down(stack)


def logs(stack: Stack) -> int:
    for file in sorted(stack.places.log.glob("*.log")):
        print(f"==> {file}")
        print("\n".join(file.read_text(errors="replace").splitlines()[-LOG_LINES:]))
    return 0


COMMANDS: dict[str, Callable[[Stack], int]] = {
    "up": up,
    "down": down,
    "status": status,
    "deploy": deploy,
    "logs": logs,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.stack", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS, "with"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    given = parser.parse_args()
    rest = given.rest[1:] if given.rest[:1] == ["--"] else given.rest
    if rest and given.command != "with":
        parser.error(f"{given.command} takes no arguments")
    try:
        stack = Stack(TOOLS, Ports.from_environment(), say=_say)
        return (
            with_stack(stack, rest) if given.command == "with" else COMMANDS[given.command](stack)
        )
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
