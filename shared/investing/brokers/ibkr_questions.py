"""What Interactive Brokers may ask about an order before it takes it, and what we say. Pure.

The gateway numbers its messages. A message in this table says what the platform knows and has
decided already; every other one is a reason for a person to look, and the order is not placed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONFIRMED: Mapping[str, str] = {
    "o354": "No live market data for this login: prices come from another source, and are guarded.",
    "o10151": "A market order may fill at another price: amounts are reserved and checked.",
    "o10164": "What a cash quantity means: orders over an amount are what we want.",
    "o10223": "A cash quantity is simulated by the broker: fills are booked, not estimates.",
    "o10331": "How the broker triggers orders: none of ours has a trigger.",
}
"""Message ids that are answered with yes, and why. Limits of price, size and value (o163, o382,
o383, o451), disruptive orders (p12) and what is not known are never waved through."""
MOST = 20
"""Questions about one order, after which the gateway is taken to ask for ever."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The gateway has the order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """What it wants to know before."""

    reply_id: str
    messages: tuple[str, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """Messages that are not in the table; a question without any id is not known at all."""
        return tuple(one for one in self.messages or ("none",) if one not in CONFIRMED)


def answer_of(answer: Any) -> Placed | Question:
    """The gateway's answer to an order or to a reply; raises ValueError for any other form."""
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes) or len(answer) != 1:
        raise ValueError("one answer to one order")
    (line,) = answer
    if not isinstance(line, Mapping):
        raise ValueError("an answer is an object")
    if "order_id" in line:
        return Placed(str(line["order_id"]))
    messages = line.get("messageIds") or ()
    if "id" not in line or not isinstance(messages, Sequence) or isinstance(messages, str):
        raise ValueError("an answer is an order or a question")
    return Question(str(line["id"]), tuple(str(one)[:20] for one in messages))
