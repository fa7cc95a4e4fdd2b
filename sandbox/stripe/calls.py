"""One authorised API call, and the table of endpoints."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe.objects import Json
from sandbox.stripe.state import Origin


@dataclass(frozen=True, slots=True)
class Call:
    """`account` is the connected account on whose behalf the call is made, or empty."""

    origin: Origin
    base_url: str
    path: dict[str, str]
    params: Json
    account: str


type Action = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`name` is that of the operation for faults."""

    method: str
    path: str
    name: str
    action: Action
