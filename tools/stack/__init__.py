"""The whole platform on this machine: embedded AWS, sandbox and the deployed CDK app.

    python -m tools.stack up | down | status | deploy | logs

From a test: `stack = start(Ports.free(), folder)`, `stack.endpoints.graphql`, `stack.stop()`.
"""

from tools.stack.places import Endpoints, Places, Ports, StackError
from tools.stack.stack import Stack, start

__all__ = ["Endpoints", "Places", "Ports", "Stack", "StackError", "start"]
